public import NIOCore
public import SwiftProtobuf

/// Lets protobuf read and write a `ByteBuffer` in place, without an array between.
struct BufferBytes: SwiftProtobufContiguousBytes {
    var buffer: ByteBuffer

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    init(repeating byte: UInt8, count: Int) {
        self.buffer = ByteBuffer(repeating: byte, count: count)
    }

    init<Bytes: Sequence>(_ sequence: Bytes) where Bytes.Element == UInt8 {
        self.buffer = ByteBuffer(bytes: sequence)
    }

    var count: Int { self.buffer.readableBytes }

    func withUnsafeBytes<Value>(
        _ body: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value {
        try unsafe self.buffer.withUnsafeReadableBytes(body)
    }

    mutating func withUnsafeMutableBytes<Value>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Value
    ) rethrows -> Value {
        try unsafe self.buffer.withUnsafeMutableReadableBytes(body)
    }
}

extension SwiftProtobuf.Message {
    /// Decodes a message.
    ///
    /// - Throws: ``RPCError`` with code `badMessage` naming the message's type.
    public init(decoding buffer: ByteBuffer) throws(RPCError) {
        do {
            self = try Self(serializedBytes: BufferBytes(buffer))
        } catch {
            throw .notDecodable(buffer, as: Self.self)
        }
    }

    /// The encoded message, the same bytes for equal messages of one build.
    ///
    /// - Throws: ``RPCError`` with code `internalError` for text that is not UTF-8, or 2 GiB.
    public func encoded() throws(RPCError) -> ByteBuffer {
        do {
            var options = BinaryEncodingOptions()
            options.useDeterministicOrdering = true
            return try (self.serializedBytes(options: options) as BufferBytes).buffer
        } catch {
            throw RPCError(.internalError, "a \(Self.protoMessageName) message cannot be encoded")
        }
    }
}

extension RPCError {
    /// Bytes that should be a message and are none.
    static func notDecodable(
        _ buffer: ByteBuffer,
        as type: (some SwiftProtobuf.Message).Type
    ) -> RPCError {
        RPCError(
            .badMessage,
            "\(buffer.readableBytes) bytes are no \(type.protoMessageName) message"
        )
    }
}

extension PBError {
    /// The error as it travels; its text cut to ``Limits/textByteCount``.
    package init(_ error: RPCError) {
        self.init()
        self.message = error.message.prefix(utf8Count: Limits.textByteCount)
        self.reason = error.reason
        self.details = error.details
        if let retryAfter = error.retryAfter {
            self.retryAfterMs = UInt32(
                clamping: Int64(max(0, min(retryAfter / .milliseconds(1), 1e9)))
            )
        }
    }
}

extension RPCError {
    /// The error that a RESPONSE or a refusing WELCOME carries.
    init(code: UInt16, message: PBError, isNotProcessed: Bool) {
        self.init(
            Code(rawValue: code),
            message.message,
            reason: message.reason,
            retryAfter: message.retryAfterMs > 0
                ? .milliseconds(Int64(message.retryAfterMs)) : nil,
            details: message.details,
            isNotProcessed: isNotProcessed
        )
    }
}

extension String {
    /// The longest prefix of whole characters with at most `count` bytes of UTF-8.
    package func prefix(utf8Count count: Int) -> String {
        guard self.utf8.count > count else { return self }
        var end = self.startIndex
        var used = 0
        for index in self.indices {
            let next = self.index(after: index)
            used += self.utf8.distance(from: index, to: next)
            if used > count { break }
            end = next
        }
        return String(self[..<end])
    }
}
