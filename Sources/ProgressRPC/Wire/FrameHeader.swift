import NIOCore

/// The kind of a frame.
///
/// An open set: a type with bit 7 set may be ignored by who does not know it.
struct FrameType: RawRepresentable, Hashable, Sendable {
    /// The byte on the wire.
    var rawValue: UInt8

    static let hello = FrameType(rawValue: 0x01)
    static let welcome = FrameType(rawValue: 0x02)
    static let goAway = FrameType(rawValue: 0x03)
    static let ping = FrameType(rawValue: 0x04)
    static let pong = FrameType(rawValue: 0x05)
    static let request = FrameType(rawValue: 0x10)
    static let response = FrameType(rawValue: 0x11)
    static let item = FrameType(rawValue: 0x12)
    static let cancel = FrameType(rawValue: 0x13)
    static let credit = FrameType(rawValue: 0x14)

    /// Whether a receiver that does not know the type ignores it.
    var isIgnorable: Bool { self.rawValue & 0x80 != 0 }
}

/// The flags of a frame; which are defined depends on its type.
struct FrameFlags: OptionSet, Sendable {
    /// The byte on the wire.
    var rawValue: UInt8

    static let lz4 = FrameFlags(rawValue: 0x01)
    static let stream = FrameFlags(rawValue: 0x02)
    static let acceptLZ4 = FrameFlags(rawValue: 0x04)
    static let notProcessed = FrameFlags(rawValue: 0x10)
    static let retryable = FrameFlags(rawValue: 0x20)

    /// The flags that `type` defines; empty for an unknown type.
    static func defined(for type: FrameType) -> FrameFlags {
        switch type {
        case .request: [.lz4, .stream, .acceptLZ4]
        case .response: [.lz4, .notProcessed, .retryable]
        default: []
        }
    }
}

/// Pairs a request with its response; chosen by the client, unique on its connection.
struct CallID: RawRepresentable, Hashable, Sendable {
    /// The number on the wire; 0 on frames that belong to no call.
    var rawValue: UInt64

    static let none = CallID(rawValue: 0)
}

/// The 16 bytes before each payload; `protocol/SPEC.md`, section 3.
///
///      0        4    5     6       8                16
///      ┌────────┬────┬─────┬───────┬────────────────┐
///      │ length │type│flags│ code  │    call_id     │   little-endian
///      └────────┴────┴─────┴───────┴────────────────┘
struct FrameHeader: Equatable, Sendable {
    /// The size of a header on the wire.
    static let byteCount = 16

    /// The payload's size in bytes.
    var length: UInt32
    var type: FrameType
    var flags: FrameFlags
    /// A method, status or reason, by type.
    var code: UInt16
    var callID: CallID

    /// Creates a header; the length is filled in when the frame is written.
    init(
        _ type: FrameType,
        flags: FrameFlags = [],
        code: UInt16 = 0,
        callID: CallID = .none,
        length: UInt32 = 0
    ) {
        self.length = length
        self.type = type
        self.flags = flags
        self.code = code
        self.callID = callID
    }

    /// Reads a header at the reader index of `buffer`, without moving it.
    ///
    /// - Returns: `nil` if fewer than ``byteCount`` bytes have arrived.
    init?(peekingAt buffer: ByteBuffer) {
        var buffer = buffer
        guard
            let (length, type, flags, code, callID) = buffer.readMultipleIntegers(
                endianness: .little,
                as: (UInt32, UInt8, UInt8, UInt16, UInt64).self
            )
        else { return nil }
        self.length = length
        self.type = FrameType(rawValue: type)
        self.flags = FrameFlags(rawValue: flags)
        self.code = code
        self.callID = CallID(rawValue: callID)
    }
}

/// A header and its payload.
struct Frame: Equatable, Sendable {
    var header: FrameHeader
    var payload: ByteBuffer
}

extension ByteBuffer {
    /// Appends a frame whose payload is what `body` appends; its length is filled in.
    mutating func writeFrame(_ header: FrameHeader, _ body: (inout ByteBuffer) -> Void) {
        let start = self.writerIndex
        self.writeMultipleIntegers(
            UInt32(0),
            header.type.rawValue,
            header.flags.rawValue,
            header.code,
            header.callID.rawValue,
            endianness: .little
        )
        body(&self)
        let length = UInt32(clamping: self.writerIndex - start - FrameHeader.byteCount)
        self.setInteger(length, at: start, endianness: .little)
    }

    /// Appends a frame without payload.
    mutating func writeFrame(_ header: FrameHeader) {
        self.writeFrame(header) { _ in }
    }
}
