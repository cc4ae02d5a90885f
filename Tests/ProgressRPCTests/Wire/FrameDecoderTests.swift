import NIOCore
import Testing

@testable import ProgressRPC

@Suite("Cutting frames from bytes: protocol/SPEC.md, section 3")
struct FrameDecoderTests {
    static let frames: [Frame] = [
        Frames.hello, Frames.request(1, payload: Frames.requestPayload(body: .init(string: "abc"))),
        Frames.cancel, Frames.ping, Frames.ignorable,
    ]

    static var bytes: [UInt8] {
        var buffer = ByteBuffer()
        for frame in self.frames {
            buffer.writeFrame(frame.header) { $0.writeImmutableBuffer(frame.payload) }
        }
        return Array(buffer.readableBytesView)
    }

    @Test("Frames come out the same wherever the bytes are split")
    func everySplit() throws {
        let bytes = Self.bytes
        for split in 0...bytes.count {
            var decoder = FrameDecoder(receiveByteCount: 1_024)
            var found: [Frame] = []
            for part in [bytes[..<split], bytes[split...]] where !part.isEmpty {
                decoder.append(ByteBuffer(bytes: part))
                while let frame = try decoder.next() { found.append(frame) }
            }
            #expect(found == Self.frames, "split at \(split)")
            #expect(!decoder.hasPartialFrame)
        }
    }

    @Test("Frames come out the same byte by byte")
    func byteByByte() throws {
        var decoder = FrameDecoder(receiveByteCount: 1_024)
        var found: [Frame] = []
        for byte in Self.bytes {
            decoder.append(ByteBuffer(integer: byte))
            while let frame = try decoder.next() { found.append(frame) }
        }
        #expect(found == Self.frames)
    }

    @Test("A header that announces too much is refused before its payload arrives")
    func tooLarge() throws {
        for (length, limit, isTaken) in [
            (UInt32(1_024), 1_024, true), (1_025, 1_024, false), (1 << 24, 1 << 30, false),
            (.max, 1 << 30, false), (1 << 31, 1 << 30, false), ((1 << 24) - 1, 1 << 30, true),
        ] {
            var decoder = FrameDecoder(receiveByteCount: limit)
            var buffer = ByteBuffer()
            buffer.writeInteger(length, endianness: .little)
            buffer.writeRepeatingByte(1, count: 12)
            decoder.append(buffer)
            if isTaken {
                let frame = try decoder.next()
                #expect(frame == nil)
                #expect(decoder.hasPartialFrame)
            } else {
                var code: WireError.Code?
                do throws(WireError) { _ = try decoder.next() } catch { code = error.code }
                #expect(code == .payloadTooLarge)
            }
        }
    }

    @Test("Headers survive a round trip")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1_000 {
            let header = FrameHeader(
                FrameType(rawValue: .random(in: 0 ... .max, using: &generator)),
                flags: FrameFlags(rawValue: .random(in: 0 ... .max, using: &generator)),
                code: .random(in: 0 ... .max, using: &generator),
                callID: CallID(rawValue: .random(in: 0 ... .max, using: &generator)),
                length: 3
            )
            var buffer = ByteBuffer()
            buffer.writeFrame(header) { $0.writeString("abc") }
            #expect(FrameHeader(peekingAt: buffer) == header)
        }
    }
}
