import NIOCore

@testable import ProgressRPC

/// Makes frames for tests.
enum Frames {
    static func frame(
        _ type: FrameType,
        flags: FrameFlags = [],
        code: UInt16 = 0,
        id: UInt64 = 0,
        _ payload: ByteBuffer = ByteBuffer()
    ) -> Frame {
        let header = FrameHeader(
            type,
            flags: flags,
            code: code,
            callID: CallID(rawValue: id),
            length: UInt32(payload.readableBytes)
        )
        return Frame(header: header, payload: payload)
    }

    static func handshake(
        versions: ClosedRange<UInt16> = 1...1,
        features: Features = [],
        receiveByteCount: UInt32 = 1 << 20,
        callsInFlight: UInt32 = 0
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        Handshake(
            versions: versions,
            features: features,
            receiveByteCount: receiveByteCount,
            callsInFlight: callsInFlight
        ).encode(into: &buffer)
        return buffer
    }

    static var hello: Frame { self.frame(.hello, self.handshake()) }

    static func welcome(features: Features = [], callsInFlight: UInt32 = 2) -> Frame {
        self.frame(
            .welcome,
            self.handshake(
                features: features,
                receiveByteCount: 65_536,
                callsInFlight: callsInFlight
            )
        )
    }

    static func requestPayload(
        timeout: UInt32 = 0,
        meta: ByteBuffer = ByteBuffer(),
        credit: UInt16 = 0,
        metaLength: UInt16? = nil,
        body: ByteBuffer = ByteBuffer()
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(
            timeout,
            metaLength ?? UInt16(meta.readableBytes),
            credit,
            endianness: .little
        )
        buffer.writeImmutableBuffer(meta)
        buffer.writeImmutableBuffer(body)
        return buffer
    }

    static func request(
        _ id: UInt64,
        method: Method = .echo,
        flags: FrameFlags = [],
        payload: ByteBuffer? = nil
    ) -> Frame {
        self.frame(
            .request,
            flags: flags,
            code: method.rawValue,
            id: id,
            payload ?? self.requestPayload()
        )
    }

    static func response(_ id: UInt64, code: UInt16 = 0, flags: FrameFlags = []) -> Frame {
        self.frame(
            .response,
            flags: flags,
            code: code,
            id: id,
            ByteBuffer(integer: UInt32(7))
        )
    }

    static func goAway(_ text: String = "") -> Frame {
        var payload = ByteBuffer(integer: UInt32(0))
        payload.writeString(text)
        return self.frame(.goAway, payload)
    }

    static var ping: Frame { self.frame(.ping, id: 5, ByteBuffer(integer: UInt64(9))) }
    static var pong: Frame { self.frame(.pong, id: 5, ByteBuffer(integer: UInt64(9))) }
    static var cancel: Frame { self.frame(.cancel, id: 1) }
    static var credit: Frame { self.frame(.credit, id: 1, ByteBuffer(integer: UInt32(1))) }
    static var item: Frame { self.frame(.item, id: 1, ByteBuffer(integer: UInt32(1))) }
    static var ignorable: Frame {
        self.frame(FrameType(rawValue: 0xC1), flags: FrameFlags(rawValue: 0xFF), code: 9, id: 3)
    }
    static var unknown: Frame { self.frame(FrameType(rawValue: 0x6F)) }
}
