import NIOCore
import SwiftProtobuf

/// A call on its way, from the caller's task to its answer.
///
/// Made by the caller; from then on it lives on the client's event loop.
final class OutgoingCall {
    /// Where a call is.
    enum Place {
        case queued
        case inFlight(ClientConnection, CallID)
    }

    let ticket: UInt64
    let request: Request
    private(set) var place = Place.queued
    /// How often the call was tried: sent, or waiting for a connection that then came to nothing.
    private(set) var attemptCount = 0
    /// Whether a connection ended with the call in flight, so that a handler may have run.
    private var wasLost = false
    private var continuation: CheckedContinuation<Result<Reply, RPCError>, Never>?

    /// What a call sends, whichever connection it takes.
    struct Request: Sendable {
        var method: Method
        var body: ByteBuffer
        /// Encoded, but for the time of sending.
        var meta: ByteBuffer
        var deadline: NIODeadline
        var acceptsLZ4: Bool
        var waitsForConnection: Bool
    }

    init(
        _ ticket: UInt64,
        _ request: Request,
        _ continuation: CheckedContinuation<Result<Reply, RPCError>, Never>
    ) {
        self.ticket = ticket
        self.request = request
        self.continuation = continuation
    }

    /// Whether the call may be tried again; `protocol/SPEC.md`, 6.8.
    var mayBeRetried: Bool { self.attemptCount < 2 }

    func sent(on connection: ClientConnection, _ id: CallID) {
        self.place = .inFlight(connection, id)
        self.attemptCount += 1
    }

    /// The connection ended before the answer came.
    func lost() {
        self.place = .queued
        self.wasLost = true
    }

    /// The server has answered that no handler started.
    func refused() {
        self.place = .queued
    }

    /// The connection that the call waited for ended before it was made.
    func connectionFailed() {
        self.attemptCount += 1
    }

    /// Gives the caller its answer; later ones are dropped.
    ///
    /// An error says that the call was not processed only if that is true of all attempts.
    func complete(_ result: Result<Reply, RPCError>) {
        var result = result
        if case .failure(var error) = result {
            if case .inFlight = self.place { error.isNotProcessed = false }
            if self.wasLost { error.isNotProcessed = false }
            result = .failure(error)
        }
        self.continuation?.resume(returning: result)
        self.continuation = nil
    }
}

extension OutgoingCall.Request {
    /// Encodes what can be encoded before a connection is known.
    ///
    /// - Throws: ``RPCError`` with code `invalidArgument` if the meta is too large.
    init(
        _ method: Method,
        _ body: ByteBuffer,
        _ options: CallOptions,
        now: NIODeadline
    ) throws(RPCError) {
        self.method = method
        self.body = body
        self.deadline = now + TimeAmount(options.timeout)
        self.acceptsLZ4 = options.acceptsLZ4
        self.waitsForConnection = options.waitsForConnection
        self.meta = ByteBuffer()
        guard options.scope != nil || !options.caller.isEmpty || !options.traceparent.isEmpty else {
            return
        }
        var meta = PBRequestMeta()
        if let scope = options.scope { meta.scope = scope }
        meta.caller = options.caller
        meta.traceparent = options.traceparent
        self.meta = try meta.encoded()
        guard self.meta.readableBytes + Self.sentAtByteCount <= Limits.metaByteCount else {
            throw RPCError(
                .invalidArgument,
                "the scope, caller and trace have \(self.meta.readableBytes) bytes; "
                    + "the limit is \(Limits.metaByteCount - Self.sentAtByteCount)",
                isNotProcessed: true
            )
        }
    }

    /// Whether the call goes on waiting for a connection that could not be made.
    ///
    /// A server that is there and says no, such as to a peer without a role, is not waited for.
    func waits(after error: RPCError) -> Bool {
        self.waitsForConnection && [.unavailable, .resourceExhausted].contains(error.code)
    }

    /// The field `sent_at_ns` on the wire: its tag (field 4, 64 bits) and eight bytes.
    private static let sentAtTag: UInt8 = 0x21
    private static let sentAtByteCount = 9

    /// Appends the REQUEST.
    ///
    /// - Throws: ``RPCError`` with code `messageTooLarge` if the server does not take that much.
    func write(
        _ id: CallID,
        _ agreement: Agreement,
        now: NIODeadline,
        into output: inout ByteBuffer
    ) throws(RPCError) {
        let hasClock = agreement.features.contains(.clock)
        let metaCount = self.meta.readableBytes + (hasClock ? Self.sentAtByteCount : 0)
        let needed = 8 + metaCount + self.body.readableBytes
        guard needed <= agreement.peerReceiveByteCount else {
            throw RPCError(
                .messageTooLarge,
                "the request has \(needed) bytes; the server takes \(agreement.peerReceiveByteCount)",
                details: ["needed": "\(needed)", "limit": "\(agreement.peerReceiveByteCount)"],
                isNotProcessed: true
            )
        }
        var header = FrameHeader(.request, code: self.method.rawValue, callID: id)
        if self.acceptsLZ4, agreement.features.contains(.lz4) { header.flags = .acceptLZ4 }
        // 0 would mean the server's default; less than a microsecond is one.
        let remaining = max((self.deadline - now).nanoseconds / 1_000, 1)
        output.writeFrame(header) { payload in
            payload.writeMultipleIntegers(
                UInt32(clamping: remaining),
                UInt16(clamping: metaCount),
                UInt16(0),
                endianness: .little
            )
            payload.writeImmutableBuffer(self.meta)
            if hasClock {
                // Fields of a message may follow one another in any order, so that the part that
                // never changes is encoded once.
                payload.writeInteger(Self.sentAtTag)
                payload.writeInteger(now.uptimeNanoseconds, endianness: .little)
            }
            payload.writeImmutableBuffer(self.body)
        }
    }
}
