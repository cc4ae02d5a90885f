import NIOCore
import Testing

@testable import ProgressRPC

@Suite("LZ4 bodies: protocol/SPEC.md, section 10")
struct CompressionTests {
    static func compressed(_ raw: ByteBuffer) -> ByteBuffer? {
        var block = ByteBuffer()
        return Compression.compress(raw, into: &block) ? block : nil
    }

    @Test("What was compressed comes back", arguments: [64, 1_000, 65_536, 1 << 20])
    func roundTrip(byteCount: Int) throws {
        let raw = ByteBuffer(bytes: (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 / 16) })
        let block = try #require(Self.compressed(raw))
        #expect(block.readableBytes < byteCount * 7 / 8)
        let back = try Compression.decompress(block, limit: byteCount)
        #expect(back == raw)
    }

    @Test("Bytes that do not shrink by an eighth stay plain, and the buffer stays as it was")
    func incompressible() {
        let raw = ByteBuffer(bytes: (0..<4_096).map { _ in UInt8.random(in: 0...255) })
        var output = ByteBuffer(string: "before")
        #expect(!Compression.compress(raw, into: &output))
        #expect(output == ByteBuffer(string: "before"))
        #expect(Self.compressed(ByteBuffer()) == nil)
    }

    @Test("A limit one below the raw size refuses before anything is allocated")
    func limit() throws {
        let block = try #require(Self.compressed(ByteBuffer(repeating: 0, count: 100_000)))
        _ = try Compression.decompress(block, limit: 100_000)
        #expect(throws: WireError.self) { try Compression.decompress(block, limit: 99_999) }
    }

    @Test("Lies about the raw size are refused", arguments: [-1, 1, 1_000_000])
    func lies(difference: Int) throws {
        var block = try #require(Self.compressed(ByteBuffer(repeating: 7, count: 10_000)))
        block.setInteger(UInt32(10_000 + difference), at: block.readerIndex, endianness: .little)
        #expect(throws: WireError.self) { try Compression.decompress(block, limit: 1 << 24) }
    }

    @Test("No truncated or altered block traps or gives more than it announces")
    func hostile() throws {
        let raw = ByteBuffer(bytes: (0..<500).map { UInt8(truncatingIfNeeded: $0 / 9) })
        let block = Array(try #require(Self.compressed(raw)).readableBytesView)
        for end in 0..<block.count {
            let cut = ByteBuffer(bytes: block[..<end])
            #expect(throws: WireError.self) { try Compression.decompress(cut, limit: 1 << 20) }
        }
        for index in 4..<block.count {
            for bit in 0..<8 {
                var altered = block
                altered[index] ^= 1 << bit
                let back = try? Compression.decompress(ByteBuffer(bytes: altered), limit: 1 << 20)
                #expect(back == nil || back?.readableBytes == raw.readableBytes)
            }
        }
    }
}
