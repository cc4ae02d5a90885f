import FoundationEssentials
import Testing

@testable import ProgressServer

@Suite("What a manifest says")
struct ManifestTests {
    private static func manifest(_ json: String) throws(ManifestError) -> Manifest {
        try Manifest(parsing: Data(json.utf8))
    }

    @Test(arguments: Manifest.rawKinds.sorted())
    func aRawDatasetStartsAtABlock(_ kind: String) throws {
        let tables = #""network": "mainnet", "tables": {"blocks": {"schema": 1}, "logs": null}"#
        #expect(
            try Self.manifest(#"{"kind": "\#(kind)", "start_block": 7, \#(tables)}"#)
                == Manifest(tables: ["blocks", "logs"], startBlock: 7)
        )
        #expect(try Self.manifest(#"{"kind": "\#(kind)", \#(tables)}"#).startBlock == 0)
        let highest = #"{"kind": "\#(kind)", "start_block": 18446744073709551615, \#(tables)}"#
        #expect(try Self.manifest(highest).startBlock == .max)
    }

    @Test(arguments: ["manifest", "static"])
    func anotherDatasetStartsNowhere(_ kind: String) throws {
        let json = #"{"kind": "\#(kind)", "start_block": 7, "tables": {"a": {}}}"#
        #expect(try Self.manifest(json) == Manifest(tables: ["a"], startBlock: nil))
        #expect(try Self.manifest(#"{"kind": "\#(kind)"}"#).tables.isEmpty)
    }

    @Test(
        arguments: [
            "", "7", "[]", "{}", #"{"kind": 7}"#, #"{"kind": "evm-rpc", "tables": []}"#,
            #"{"kind": "evm-rpc", "start_block": -1, "tables": {}}"#,
            #"{"kind": "evm-rpc", "start_block": "0", "tables": {}}"#,
            #"{"kind": "evm-rpc", "tables": {}"#,
        ]
    )
    func whatIsNoManifestIsRefused(_ json: String) {
        #expect(throws: ManifestError("it is not a JSON object with a kind and tables")) {
            try Self.manifest(json)
        }
    }

    @Test func anUnknownKindIsNamed() {
        let error = #expect(throws: ManifestError.self) {
            try Self.manifest(#"{"kind": "cosmos", "tables": {}}"#)
        }
        #expect(
            error?.description
                == "its kind is 'cosmos'; known are eth-beacon, evm-rpc, firehose, manifest, solana, static"
        )
    }

    @Test func oneTableTooManyIsRefused() throws {
        let tables = { (count: Int) in
            let names = (0..<count).map { #""t\#($0)": {}"# }.joined(separator: ",")
            return #"{"kind": "manifest", "tables": {\#(names)}}"#
        }
        #expect(try Self.manifest(tables(4_096)).tables.count == 4_096)
        #expect(throws: ManifestError("it has 4097 tables; the limit is 4096")) {
            try Self.manifest(tables(4_097))
        }
    }
}
