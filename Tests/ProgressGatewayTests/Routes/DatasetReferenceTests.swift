import HTTPTypes
import ProgressRPC
import Testing

@testable import ProgressGateway

struct DatasetReferenceTests {
    private static let hash = "0123456789abcdefABCDEF" + String(repeating: "0", count: 42)

    private static func failure(_ namespace: String, _ name: String, _ revision: String)
        -> HTTPFailure?
    {
        do {
            _ = try DatasetReference(
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
        let dataset = try DatasetReference(
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
            "latest", "dev", "1.0.0", "1.0.0-beta+exp.sha.5114f85", hash, hash.lowercased(),
            "1.0.0%2Bbuild",
        ]
    )
    func revisions(_ revision: String) throws {
        let dataset = try DatasetReference(
            namespace: "a".utf8,
            name: "b".utf8,
            revision: revision.utf8
        )
        #expect(dataset.revision == revision.replacing("%2B", with: "+"))
    }

    @Test(
        "Other revisions are refused",
        arguments: [
            "v1.0.0", "1.0", "1.0.0-\u{E9}", "1.0.0%20", "%201.0.0", "1.0.0%FF", "Latest",
            "latest%00", "a%2Fb", hash + "0",
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
        let version = "1.0.0-" + String(repeating: "a", count: DatasetNamePart.byteLimit - 6)
        #expect(Self.failure("a", "b", version) == nil)
    }
}
