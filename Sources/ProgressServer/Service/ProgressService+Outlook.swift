import FoundationEssentials
import NIOCore
import ProgressRPC
import SwiftProtobuf

/// The answer with view FULL: validated as any, then worked out on a thread of the store's, as it looks
/// at every file.
extension ProgressService {
    func tellOutlook(
        _ call: ServerCall,
        _ holdings: JobHoldings,
        _ scope: AnswerScope,
        _ moment: ByteBuffer
    ) {
        let names = self.store.networkNames
        let work = self.store.read(
            "the outlook of a job",
            before: .now.advanced(by: .nanoseconds((call.deadline - .now()).nanoseconds))
        ) { _, _ throws(ReadFailure) in
            let outlook = JobOutlook(
                holdings: holdings,
                visibility: Visibility(scope.message),
                showsDetails: scope.message.details,
                names: names,
                now: Int64(Date.now.timeIntervalSince1970 * 1e6)
            )
            return Result { () throws(RPCError) in
                ReplyEncoding.reply(try outlook.message().encoded(), moment)
            }
        } completion: { result in
            switch result {
            case .failure(let error): call.fail(RPCError(error))
            case .success(.failure(let error)): call.fail(error)
            case .success(.success(let body)): call.succeed(body)
            }
        }
        call.onCancellation { work.cancel() }
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
