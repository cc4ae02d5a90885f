import FoundationEssentials
import Testing

@testable import ProgressTokens

struct TokenRingTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func record(
        of token: APIToken,
        notAfter: Date? = nil,
        isDisabled: Bool = false
    ) throws -> TokenRecord {
        try TokenRecord(
            id: token.id,
            digest: TokenDigest(of: token),
            name: "test",
            scopes: [.jobs],
            notAfter: notAfter,
            createdAt: nil,
            isDisabled: isDisabled
        )
    }

    private static func ring(_ records: TokenRecord...) throws -> TokenRing {
        var file = TokenFile()
        for record in records { try file.append(record) }
        return TokenRing(file)
    }

    @Test func theRightSecretIsAccepted() throws {
        let token = APIToken.random()
        let ring = try Self.ring(Self.record(of: token))
        #expect(ring.verify(token.text, at: Self.now).refusal == nil)
    }

    @Test func anotherSecretUnderTheSameIDIsRefused() throws {
        let token = APIToken.random()
        let ring = try Self.ring(Self.record(of: token))
        let body = "amppt_" + token.id.rawValue + String(repeating: "0", count: 32)
        let digits = TokenAlphabet.base62Digits(of: CRC32.checksum(of: body.utf8), count: 6)
        let forged = body + "_" + String(decoding: digits, as: UTF8.self)
        #expect(
            ring.verify(forged, at: Self.now).refusal
                == "the secret is not that of token '\(token.id)'"
        )
    }

    @Test func anUnknownIDIsRefused() throws {
        let token = APIToken.random()
        #expect(
            try Self.ring().verify(token.text, at: Self.now).refusal
                == "no token has the id '\(token.id)'"
        )
    }

    @Test func aTokenIsValidUpToAndIncludingItsLastMoment() throws {
        let token = APIToken.random()
        let ring = try Self.ring(Self.record(of: token, notAfter: Self.now))
        #expect(ring.verify(token.text, at: Self.now).refusal == nil)
        #expect(
            ring.verify(token.text, at: Self.now.addingTimeInterval(1)).refusal
                == "token '\(token.id)' has expired"
        )
    }

    @Test func aDisabledTokenIsRefused() throws {
        let token = APIToken.random()
        let ring = try Self.ring(Self.record(of: token, isDisabled: true))
        #expect(
            ring.verify(token.text, at: Self.now).refusal == "token '\(token.id)' is disabled"
        )
    }

    @Test func aTextThatIsNoTokenIsRefused() throws {
        #expect(
            try Self.ring().verify("secret", at: Self.now).refusal
                == "\(TokenFormatError.malformed)"
        )
    }

    @Test func theDigestIsTheSHA256OfTheText() {
        let token = APIToken.random()
        let digest = TokenDigest(of: token)
        #expect(TokenDigest(hexadecimal: digest.hexadecimal)?.matches(token) == true)
        #expect(!TokenDigest.none.matches(token))
        #expect(!digest.matches(APIToken.random()))
    }
}
