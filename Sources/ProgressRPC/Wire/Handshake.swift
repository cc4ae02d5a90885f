import NIOCore

/// What an endpoint can do beyond the basics; `protocol/SPEC.md`, 4.4.
struct Features: OptionSet, Hashable, Sendable {
    /// The bits on the wire; unknown ones are kept and ignored.
    var rawValue: UInt64

    static let lz4 = Features(rawValue: 1 << 0)
    static let stream = Features(rawValue: 1 << 1)
    static let clock = Features(rawValue: 1 << 2)
    static let scope = Features(rawValue: 1 << 3)
}

/// The 28 bytes that begin HELLO and WELCOME in every version; `protocol/SPEC.md`, section 4.
///
///      0      4         6         8          16         20             24            28
///      ┌──────┬─────────┬─────────┬──────────┬──────────┬──────────────┬─────────────┐
///      │ PGRS │ ver_min │ ver_max │ features │ max_recv │ max_inflight │ max_streams │
///      └──────┴─────────┴─────────┴──────────┴──────────┴──────────────┴─────────────┘
struct Handshake: Equatable, Sendable {
    /// The size on the wire, without the proto3 message that follows.
    static let byteCount = 28
    /// "PGRS".
    static let magic: UInt32 = 0x5352_4750
    /// The versions that this library speaks.
    static let supportedVersions: ClosedRange<UInt16> = 1...1

    var versions: ClosedRange<UInt16>
    var features: Features
    /// Largest payload that the sender takes, in bytes.
    var receiveByteCount: UInt32
    /// Most calls in flight; 0 from a client.
    var callsInFlight: UInt32 = 0
    /// Most streams; 0 from a client, and in this version.
    var streams: UInt32 = 0

    /// Appends the 28 bytes.
    func encode(into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(
            Self.magic,
            self.versions.lowerBound,
            self.versions.upperBound,
            self.features.rawValue,
            self.receiveByteCount,
            self.callsInFlight,
            self.streams,
            endianness: .little
        )
    }
}

extension Handshake {
    /// Reads the 28 bytes and leaves the proto3 message.
    ///
    /// - Throws: ``WireError`` with `protocolError` for short payloads, another magic, and versions
    ///   that are no range.
    init(decoding buffer: inout ByteBuffer) throws(WireError) {
        let found = buffer.readableBytes
        guard
            let (magic, low, high, features, receive, calls, streams) =
                buffer.readMultipleIntegers(
                    endianness: .little,
                    as: (UInt32, UInt16, UInt16, UInt64, UInt32, UInt32, UInt32).self
                )
        else {
            throw .protocolError(
                "handshake has \(found) bytes; it begins with \(Self.byteCount)"
            )
        }
        guard magic == Self.magic else {
            throw .protocolError("handshake does not begin with the bytes 50 47 52 53")
        }
        guard low >= 1, low <= high else {
            throw .protocolError(
                "handshake offers versions \(low) to \(high); they must rise from 1"
            )
        }
        self.init(
            versions: low...high,
            features: Features(rawValue: features),
            receiveByteCount: receive,
            callsInFlight: calls,
            streams: streams
        )
    }
}
