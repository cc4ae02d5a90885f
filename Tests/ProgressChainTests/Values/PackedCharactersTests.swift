import TestSupport
import Testing

@testable import ProgressChain

struct PackedCharactersTests {
    private static func word(_ bytes: [UInt8]) -> UInt64 {
        bytes.span.word(at: 0)
    }

    @Test func theFirstByteIsInTheLowestBits() {
        let bytes = [0xFF, 1, 2, 3, 4, 5, 6, 7, 8] as [UInt8]
        #expect(bytes.span.word(at: 1) == 0x0807_0605_0403_0201)
    }

    @Test func eightDigitsAreTheirNumber() {
        #expect(Self.word(Array("09afAF5c".utf8)).hexDigitsValue == 0x09AF_AF5C)
    }

    @Test func everyByteIsADigitOrRefusedInEveryPlace() {
        for place in 0..<8 {
            for byte in UInt8.min...UInt8.max {
                var bytes = Array("7f07F0c9".utf8)
                bytes[place] = byte
                let text = String(decoding: bytes, as: UTF8.self)
                // A sign is no digit, though integers are read with one.
                let isSigned = text.hasPrefix("+") || text.hasPrefix("-")
                let expected = isSigned ? nil : UInt64(text, radix: 16)
                #expect(Self.word(bytes).hexDigitsValue == expected, "\(byte) at \(place)")
            }
        }
    }

    @Test func theLowestMarkIsTheFirstSpecialCharacter() {
        var generator = SplitMix64(seed: 1)
        for place in 0..<8 {
            for byte in UInt8.min...UInt8.max {
                // Plain characters before; anything after.
                let bytes = (0..<8).map { index in
                    index < place
                        ? UInt8(ascii: "!")
                        : index == place ? byte : UInt8.random(in: 0...255, using: &generator)
                }
                let marks = Self.word(bytes).markingSpecialCharacters
                let first = bytes.firstIndex { $0.isSpecialCharacter } ?? 8
                #expect(marks.trailingZeroBitCount / 8 == first, "\(bytes)")
            }
        }
    }

    @Test func quotesBackslashesControlsAndNonASCIIAreSpecial() {
        let special = (UInt8.min...UInt8.max).filter(\.isSpecialCharacter)
        #expect(special == Array(0x00...0x1F) + [0x22, 0x5C] + Array(0x80...0xFF))
    }
}
