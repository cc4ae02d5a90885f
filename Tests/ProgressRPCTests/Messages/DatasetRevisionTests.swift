import ProgressRPC
import Testing

struct DatasetRevisionTests {
    private static let hash = "0123456789abcdefABCDEF" + String(repeating: "0", count: 42)

    @Test(
        "A tag is latest, dev or a semantic version",
        arguments: [
            "latest", "dev", "0.0.0", "1.0.0", "10.20.30", "1.0.0-alpha", "1.0.0-alpha.1",
            "1.0.0-0.3.7", "1.0.0-x.7.z.92", "1.0.0-x-y-z.--", "1.0.0+20130313144700",
            "1.0.0-beta+exp.sha.5114f85", "1.0.0+21AF26D3---117B344092BD", "1.0.0+001",
            "1.0.0--", "1.0.0+a-b", "18446744073709551615.0.0", "1.0.0-0a",
            "1.0.0-99999999999999999999",
            // A version of as many bytes as a hash has, and the longest that there is.
            "1.0.0-" + String(repeating: "a", count: 58),
            "1.0.0-" + String(repeating: "a", count: DatasetRevision.byteLimit - 6),
        ]
    )
    func tags(_ text: String) {
        #expect(DatasetRevision(text) == .tag(text))
    }

    @Test func aHashIsReadInAnyLetterCase() {
        #expect(DatasetRevision(Self.hash) == .manifestHash(Self.hash.lowercased()))
        #expect(DatasetRevision(Self.hash.uppercased()) == DatasetRevision(Self.hash))
    }

    @Test(
        "Other text is no revision",
        arguments: [
            "", "v1.0.0", "1.0", "1", "1.0.0.0", "01.0.0", "1.00.0", "18446744073709551616.0.0",
            "0.0.99999999999999999999", "1.0.0-", "1.0.0+",
            "1.0.0-01", "1.0.0-a..b", "1.0.0-.a", "1.0.0+a+b", "1.0.0-\u{E9}", "1.0.0-\u{FC}",
            "1.0.0 ", " 1.0.0", "1.0.0%20", "-1.0.0", "+1.0.0", "1.-0.0", "1..0", "Latest", "DEV",
            "LATEST", "latest ", "latest\0", "1.0.0\0", "a/b", String(hash.dropLast()), hash + "0",
            String(hash.dropLast()) + "g",
            "1.0.0-" + String(repeating: "a", count: DatasetRevision.byteLimit - 5),
        ]
    )
    func others(_ text: String) {
        #expect(DatasetRevision(text) == nil)
    }
}
