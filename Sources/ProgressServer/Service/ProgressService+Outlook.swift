import FoundationEssentials
import NIOCore
import ProgressRPC
import SwiftProtobuf

/// The answer with view FULL: validated as any, then worked out on a thread of its own, as it looks at
/// every file.
extension ProgressService {
    func tellOutlook(
        _ call: ServerCall,
        _ reply: ProgressReply,
        _ scope: AnswerScope
    ) {
        guard case .holdings(let holdings, let moment) = reply else { return call.answer(reply) }
        let names = self.store.networkNames
        let isCancelled = SharedFlag()
        call.onCancellation { _ = isCancelled.exchange(true) }
        let isTaken = self.background.run {
            guard !isCancelled.exchange(false), call.deadline > .now() else {
                return call.fail(RPCError(StoreError(.deadlineExceeded, "it waited for a thread")))
            }
            let outlook = JobOutlook(
                holdings: holdings,
                visibility: Visibility(scope.message),
                showsDetails: scope.message.details,
                namesFiles: call.seesEverything,
                names: names,
                now: Int64(Date.now.timeIntervalSince1970 * 1e6)
            )
            do throws(RPCError) {
                call.succeed(ReplyEncoding.reply(try outlook.message().encoded(), moment))
            } catch {
                call.fail(error)
            }
        }
        if !isTaken { call.fail(RPCError(StoreError(.queueFull, "too many outlooks wait"))) }
    }
}

extension ServerCall {
    /// Gives the caller what the engine says.
    func answer(_ reply: ProgressReply) {
        switch reply {
        case .body(let body): self.succeed(body)
        case .notModified: self.notModified()
        case .failure(let error): self.fail(error)
        case .holdings: self.fail(RPCError(.internalError, "files came instead of an answer"))
        }
    }
}

extension JobProgressQuestion {
    /// - Throws: ``RPCError`` with code `invalidArgument` unless the view is FULL and comes alone.
    func checkView(_ view: UInt32) throws(RPCError) {
        guard view == 1 else {
            throw RPCError(.invalidArgument, "view is \(view); it must be 0 (BASIC) or 1 (FULL)")
        }
        guard self.known.version == nil, self.terms == QuestionTerms.current else {
            throw RPCError(
                .invalidArgument,
                "view FULL comes with known_version, wait_ms or max_staleness_ms; ask without them"
            )
        }
    }
}
