import NIOCore

/// The payload of a REQUEST; `protocol/SPEC.md`, section 5.
///
///     ┌────────────┬──────────┬────────┬───────────────┬─────────
///     │ timeout_us │ meta_len │ credit │ meta (proto3) │ body …
///     └────────────┴──────────┴────────┴───────────────┴─────────
///       u32          u16        u16      meta_len bytes
struct RequestPayload: Equatable, Sendable {
    /// What remained of the caller's time, in microseconds; 0: the server's default.
    var timeoutMicroseconds: UInt32
    /// An encoded `RequestMeta`.
    var meta: ByteBuffer
    var body: ByteBuffer

    /// Takes the fixed part apart.
    ///
    /// - Throws: ``WireError`` with `protocolError` if the payload is shorter than its fixed part or
    ///   grants credit, which only streams may; with `badMessage` if it is shorter than it says.
    init(decoding payload: ByteBuffer) throws(WireError) {
        var payload = payload
        let (timeout, metaLength) = try Self.readPrefix(of: &payload)
        guard let meta = payload.readSlice(length: Int(metaLength)) else {
            throw WireError(
                code: .badMessage,
                message: "request announces \(metaLength) bytes of meta; "
                    + "\(payload.readableBytes) follow"
            )
        }
        self.timeoutMicroseconds = timeout
        self.meta = meta
        self.body = payload
    }

    /// Checks the fixed part alone, whose faults end the connection whatever becomes of the call.
    ///
    /// - Throws: ``WireError`` with `protocolError`, as ``init(decoding:)``.
    static func checkPrefix(of payload: ByteBuffer) throws(WireError) {
        var payload = payload
        _ = try Self.readPrefix(of: &payload)
    }

    private static func readPrefix(
        of payload: inout ByteBuffer
    ) throws(WireError) -> (timeout: UInt32, metaLength: UInt16) {
        let found = payload.readableBytes
        guard
            let (timeout, metaLength, credit) = payload.readMultipleIntegers(
                endianness: .little,
                as: (UInt32, UInt16, UInt16).self
            )
        else {
            throw .protocolError("request has \(found) payload bytes; it begins with 8")
        }
        guard credit == 0 else {
            throw .protocolError("request grants credit \(credit); only a stream may")
        }
        return (timeout, metaLength)
    }
}

/// The payload of a RESPONSE; `protocol/SPEC.md`, section 5.
struct ResponsePayload: Equatable, Sendable {
    /// The size of what precedes the body, in bytes.
    static let prefixByteCount = 4

    /// From the request's arrival to the response, in microseconds.
    var serverMicroseconds: UInt32
    var body: ByteBuffer

    /// Takes the fixed part apart.
    ///
    /// - Throws: ``WireError`` with `protocolError` if the payload is shorter than that.
    init(decoding payload: ByteBuffer) throws(WireError) {
        var payload = payload
        guard let microseconds = payload.readInteger(endianness: .little, as: UInt32.self) else {
            throw .protocolError(
                "response has \(payload.readableBytes) payload bytes; it begins with 4"
            )
        }
        self.serverMicroseconds = microseconds
        self.body = payload
    }
}
