import Testing

@testable import ProgressTokens

struct APITokenTests {
    /// A token written down once; its parts and checksum must never change.
    private static let known =
        "amppt_" + "abcdefg234" + "0123456789ABCDEFGHIJKLMNOPQRSTUV"

    private static func complete(_ body: String) -> String {
        let digits = TokenAlphabet.base62Digits(of: CRC32.checksum(of: body.utf8), count: 6)
        return body + "_" + String(decoding: digits, as: UTF8.self)
    }

    @Test func theChecksumIsTheUsualCRC32() {
        #expect(CRC32.checksum(of: "123456789".utf8) == 0xCBF4_3926)
        #expect(CRC32.checksum(of: "".utf8) == 0)
    }

    @Test func sixBase62DigitsHoldEvery32BitValue() {
        #expect(
            String(decoding: TokenAlphabet.base62Digits(of: 0, count: 6), as: UTF8.self) == "000000"
        )
        #expect(
            String(decoding: TokenAlphabet.base62Digits(of: 61, count: 6), as: UTF8.self)
                == "00000z"
        )
        #expect(
            String(decoding: TokenAlphabet.base62Digits(of: .max, count: 6), as: UTF8.self)
                == "4gfFC3"
        )
    }

    @Test func aTokenIsReadAsItWasWritten() throws {
        let text = Self.complete(Self.known)
        let token = try APIToken(parsing: text)
        #expect(token.id.rawValue == "abcdefg234")
        #expect(token.text == text)
        #expect(text.utf8.count == 55)
    }

    @Test func aRandomTokenParsesAndNoTwoAreEqual() throws {
        let tokens = (0..<100).map { _ in APIToken.random() }
        for token in tokens {
            #expect(try APIToken(parsing: token.text) == token)
        }
        #expect(Set(tokens.map(\.text)).count == 100)
        #expect(Set(tokens.map(\.id)).count == 100)
    }

    @Test("Every change of one character is noticed")
    func changedCharacter() throws {
        let bytes = Array(Self.complete(Self.known).utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] =
                bytes[index] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
            #expect(throws: TokenFormatError.self) {
                try APIToken(parsing: String(decoding: changed, as: UTF8.self))
            }
        }
    }

    @Test func aChangedSecretIsAWrongChecksum() {
        let text = Self.complete(Self.known).replacing("0123", with: "0124")
        #expect(throws: TokenFormatError.wrongChecksum) { try APIToken(parsing: text) }
    }

    @Test(
        "What is not written as a token is malformed",
        arguments: [
            "", "amppt_", "amppt", known, known + "_", known + "_00000",
            complete(known) + "0", " " + complete(known), complete(known) + "\n",
            complete(known) + "\0", String(complete(known).dropLast()),
            complete("AMPPT_" + known.dropFirst(6)),
            complete("amppt_ABCDEFG234" + known.dropFirst(16)),
            complete("amppt_abcdefg019" + known.dropFirst(16)),
            complete(String(known.dropLast()) + "-"), complete(String(known.dropLast(2)) + "é"),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        ]
    )
    func malformed(_ text: String) {
        #expect(throws: TokenFormatError.malformed) { try APIToken(parsing: text) }
    }
}
