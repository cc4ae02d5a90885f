import Testing

@testable import ProgressTool

@Suite("A simulated file")
struct SimulatedFileTests {
    @Test("Its name begins with nine digits of its first block")
    func name() {
        let file = syntheticChain(table: "blocks", fileCount: 2, blocksPerFile: 500)[1]
        #expect(file.name.hasPrefix("000000500-"))
        #expect(file.name.utf8.count == "000000500-0123456789abcdef.parquet".utf8.count)
    }

    @Test("Neighbours are linked by hash, and block 0 has the zero parent")
    func links() {
        let files = syntheticChain(table: "blocks", fileCount: 10, blocksPerFile: 7)
        #expect(files.first?.parentHash == .zero)
        for (file, next) in zip(files, files.dropFirst()) {
            #expect(next.parentHash == file.hash)
            #expect(next.blocks.lowerBound == file.blocks.upperBound + 1)
        }
    }

    @Test("Hashes have 64 digits and differ by block, network and branch")
    func hashes() {
        var texts: Set<String> = []
        for block in 0..<Int64(200) {
            for network in ["mainnet", "base"] {
                for branch in 0..<UInt64(3) {
                    let hash = BlockHash(block: block, network: network, branch: branch)
                    #expect(hash.text.utf8.count == 66)
                    texts.insert(hash.text)
                }
            }
        }
        #expect(texts.count == 1_200)
    }

    @Test(
        "A dataset is named by lower-case letters, digits and underscores",
        arguments: ["demo", "demo/", "/x", "a/b/c", "Demo/x", "demo/1x", "de-mo/x", "demo/x'", ""]
    )
    func badDatasets(text: String) {
        let error = #expect(throws: ToolError.self) { try SimulatedDataset(parsing: text) }
        #expect(error?.status == .usage)
    }

    @Test("Names of datasets keep their parts")
    func datasets() throws {
        let dataset = try SimulatedDataset(parsing: "_/eth_rpc")
        #expect(dataset.namespace == "_")
        #expect(dataset.name == "eth_rpc")
        #expect(dataset.manifestHash.utf8.count == 64)
        let parts = dataset.revisionIdentifier(ofTable: "blocks").split(separator: "-")
        #expect(parts.map(\.utf8.count) == [8, 4, 4, 4, 12])
    }
}
