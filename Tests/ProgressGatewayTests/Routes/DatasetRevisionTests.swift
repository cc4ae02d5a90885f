import HTTPTypes
import Testing

@testable import ProgressGateway

struct DatasetRevisionTests {
    private static let hash = "0123456789abcdefABCDEF" + String(repeating: "0", count: 42)

    private static func failure(_ namespace: String, _ name: String, _ revision: String)
        -> HTTPFailure?
    {
        do {
            _ = try DatasetRevision(
                namespace: namespace.utf8,
                name: name.utf8,
                revision: revision.utf8
            )
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "A dataset is named by words",
        arguments: [
            ("_", "_"), ("0a", "a0"), ("ethereum", "mainnet_2"), ("%61", "%6d"),
            (String(repeating: "a", count: 255), String(repeating: "a", count: 255)),
        ]
    )
    func names(namespace: String, name: String) throws {
        let dataset = try DatasetRevision(
            namespace: namespace.utf8,
            name: name.utf8,
            revision: "dev".utf8
        )
        #expect(dataset.namespace == namespace.replacing("%61", with: "a"))
        #expect(dataset.name == name.replacing("%6d", with: "m"))
        #expect(dataset.description == "\(dataset.namespace)/\(dataset.name)@dev")
    }

    @Test(
        "Other names are refused, with what was found and what is allowed",
        arguments: [
            ("A", "a"), ("a-b", "a"), ("a.b", "a"), ("a%2Fb", "a"), ("a%00", "a"), ("%C3%A9", "a"),
            ("\u{E9}", "a"), ("a%252F", "a"), ("a%20", "a"), ("a+b", "a"), ("*", "a"), ("%", "a"),
            ("..", "a"), ("a", "0a"), ("a", "A"), ("a", "a%2Fb"), ("a", "%00"), ("a", "%FF"),
            (String(repeating: "a", count: 256), "a"), ("a", String(repeating: "a", count: 256)),
            ("a", String(repeating: "a", count: 300)),
        ]
    )
    func badNames(namespace: String, name: String) throws {
        let failure = try #require(Self.failure(namespace, name, "dev"))
        #expect(failure.status == .badRequest)
        #expect(failure.code == "INVALID_PATH")
        let noun = name == "a" ? "namespace" : "dataset name"
        #expect(failure.message.hasPrefix("the \(noun) is '"), "\(failure.message)")
        #expect(failure.message.contains("bytes long; it must be 1 to 255 of a-z, 0-9 and _"))
    }

    @Test(
        "A revision is a tag, a version or a hash",
        arguments: [
            "latest", "dev", "0.0.0", "1.0.0", "10.20.30", "1.0.0-alpha", "1.0.0-alpha.1",
            "1.0.0-0.3.7", "1.0.0-x.7.z.92", "1.0.0-x-y-z.--", "1.0.0+20130313144700",
            "1.0.0-beta+exp.sha.5114f85", "1.0.0+21AF26D3---117B344092BD", "1.0.0+001",
            "1.0.0--", "1.0.0+a-b", "99999999999999999999.0.0", "1.0.0-0a", hash,
            hash.lowercased(), "1.0.0%2Bbuild",
        ]
    )
    func revisions(_ revision: String) throws {
        let dataset = try DatasetRevision(
            namespace: "a".utf8,
            name: "b".utf8,
            revision: revision.utf8
        )
        #expect(dataset.revision == revision.replacing("%2B", with: "+"))
    }

    @Test(
        "Other revisions are refused",
        arguments: [
            "v1.0.0", "1.0", "1", "1.0.0.0", "01.0.0", "1.00.0", "1.0.0-", "1.0.0+", "1.0.0-01",
            "1.0.0-a..b", "1.0.0-.a", "1.0.0+a+b", "1.0.0-\u{E9}", "1.0.0 ", "1.0.0%20", "%201.0.0",
            "-1.0.0", "+1.0.0", "1.-0.0", "1..0", "Latest", "DEV", "latest%00", "a%2Fb",
            String(hash.dropLast()), hash + "0", String(hash.dropLast()) + "g",
            "1.0.0-" + String(repeating: "a", count: 250),
        ]
    )
    func badRevisions(_ revision: String) throws {
        let failure = try #require(Self.failure("a", "b", revision))
        #expect(failure.code == "INVALID_PATH")
        #expect(failure.message.hasPrefix("the revision is '"))
        #expect(failure.message.contains("it must be latest, dev, a semantic version"))
    }

    @Test func aVersionMayHaveAsManyBytesAsTheLimit() {
        let version = "1.0.0-" + String(repeating: "a", count: DatasetRevision.byteLimit - 6)
        #expect(Self.failure("a", "b", version) == nil)
    }
}
