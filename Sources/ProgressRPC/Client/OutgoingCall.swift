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
    var place = Place.queued
    /// How often the call was sent.
    var attemptCount = 0
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

    /// Gives the caller its answer; later ones are dropped.
    func complete(_ result: Result<Reply, RPCError>) {
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
