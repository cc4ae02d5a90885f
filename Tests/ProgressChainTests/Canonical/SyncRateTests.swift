import ProgressChain
import Testing

@Suite("How fast a table grows")
struct SyncRateTests {
    @Test(
        arguments: [
            ("0-9@100 10-19@101 20-29@102", 10), ("0-9@100 10-29@104", 5),
            // Compacted out of order: the times of making count, whatever the order of blocks.
            ("0-9@104 10-29@100", 2.5),
            // The first file was made before a pause of more than an hour.
            ("0-9@100 10-19@5000 20-29@5002", 5), ("0-9@0 10-19@3600", 10.0 / 3_600),
        ] as [(String, Double)]
    )
    func blocksOfAllButTheOldestOverTheTime(_ files: String, _ rate: Double) throws {
        let chain = try #require(CanonicalChain(of: try SegmentNotation().segments(files)))
        #expect(SyncRate.blocksPerSecond(of: chain) == rate)
    }

    @Test(arguments: ["0-9@5", "0-9@5 10-19@5", "0-9@0 10-19@3601"])
    func withoutTwoTimesThereIsNone(_ files: String) throws {
        let chain = try #require(CanonicalChain(of: try SegmentNotation().segments(files)))
        #expect(SyncRate.blocksPerSecond(of: chain) == nil)
    }

    @Test func atMostSoManyFilesCount() throws {
        // The first hundred files were made ten a second, the newest one a second.
        let files = (0..<(100 + SyncRate.fileLimit)).map { index in
            let time = index < 100 ? Double(index) / 10 : Double(index) - 80
            return "\(index * 10)-\(index * 10 + 9)@\(Int(time))"
        }
        let segments = try SegmentNotation().segments(files.joined(separator: " "))
        let chain = try #require(CanonicalChain(of: segments))
        #expect(SyncRate.blocksPerSecond(of: chain) == 10)
    }
}
