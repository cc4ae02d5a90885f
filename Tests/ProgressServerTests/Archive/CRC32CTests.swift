import Testing

@testable import ProgressServer

@Suite("CRC-32C")
struct CRC32CTests {
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(bytes.span)
        return checksum.value
    }

    @Test("The known values: RFC 3720, B.4, and the check value of the polynomial")
    func known() {
        #expect(Self.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(Self.checksum(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(Self.checksum(Array(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(Self.checksum(Array(0..<32)) == 0x46DD_794E)
        #expect(Self.checksum([]) == 0)
    }

    @Test("Taken in pieces it is the same")
    func pieces() {
        let bytes = (0..<100).map { UInt8($0 * 37 % 251) }
        for split in bytes.indices {
            var checksum = CRC32C()
            checksum.update(bytes.span.extracting(0..<split))
            checksum.update(bytes.span.extracting(split..<bytes.count))
            #expect(checksum.value == Self.checksum(bytes))
        }
    }
}
