import Testing

@testable import ProgressChain

struct BlockHashTests {
    private static let text = "0x5be1d3c07a9f44e2b8716c0d9af23e5511c7aa0be94d2f6883b05fd1e7c2a914"

    @Test func digitsAreReadInAnyCaseWithOrWithoutPrefix() throws {
        let hash = try #require(BlockHash(hex: Self.text))
        #expect(BlockHash(hex: String(Self.text.dropFirst(2))) == hash)
        #expect(BlockHash(hex: "0x" + Self.text.dropFirst(2).uppercased()) == hash)
        #expect(hash.description == Self.text)
    }

    @Test(
        "Anything but 64 digits is refused",
        arguments: [
            "", "0x", String(text.dropLast()), text + "0", String(text.dropFirst()),
            "0X" + text.dropFirst(2), text.dropLast() + "g", text.dropLast() + "é",
            " " + text, String(repeating: "0x", count: 33),
        ]
    )
    func refusal(_ text: String) {
        #expect(BlockHash(hex: text) == nil)
    }

    @Test func everyDigitCounts() throws {
        let hash = try #require(BlockHash(hex: Self.text))
        for place in Self.text.indices.dropFirst(2) {
            var text = Self.text
            text.replaceSubrange(place...place, with: text[place] == "0" ? "1" : "0")
            let other = try #require(BlockHash(hex: text))
            #expect(other != hash)
            #expect(other.description == text)
        }
    }

    @Test func bytesAndDigitsGiveTheSameHash() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(BlockHash(bytes: bytes) == BlockHash(hex: digits))
        #expect(BlockHash(bytes: Array(bytes.dropLast())) == nil)
        #expect(BlockHash(bytes: bytes + [0]) == nil)
        #expect(BlockHash(bytes: Array(repeating: 0, count: 32)) == .zero)
    }
}
