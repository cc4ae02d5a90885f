import FoundationEssentials
import NIOCore
import ProgressRPC

/// An answer for one job and scope, encoded once: all of it but its moment.
struct HeldAnswer: Sendable {
    /// The encoded `JobProgress` up to and with its version; or why there is no answer.
    var result: Result<ByteBuffer, RPCError>
    /// Equal answers have equal versions; an error has none.
    var version: AnswerVersion?
    /// The moment at which the answer was last known to stand, as ``ProgressCache/stamp`` counts.
    var stamp: UInt64

    /// Bytes in memory, with what keeps it in two dictionaries, and a reply that was made of it.
    var byteCount: Int {
        switch self.result {
        case .success(let body): 512 + 2 * body.capacity
        case .failure: 640
        }
    }
}

/// Which answer.
struct AnswerKey: Hashable, Sendable {
    var job: JobID
    var scope: AnswerScope
}

/// What became of held answers.
struct AnswerNews: Sendable {
    /// They stand no longer.
    var withdrawn: Set<AnswerKey> = []
    /// Nobody keeps them current any more, though nothing is known against them.
    var dropped: Set<AnswerKey> = []
    /// They stand, at the stamp that they have.
    var renewed: [AnswerKey: HeldAnswer] = [:]
}
