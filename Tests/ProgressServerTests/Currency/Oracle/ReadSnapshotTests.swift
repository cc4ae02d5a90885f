import Testing

@Suite("Snapshots, as text")
struct ReadSnapshotTests {
    @Test func theListTellsWhoWasRunning() throws {
        let snapshot = try #require(ReadSnapshot("10:20:10,13,19"))
        let seen = (8...22).filter { snapshot.sees(UInt64($0)) }
        #expect(seen == [8, 9, 11, 12, 14, 15, 16, 17, 18])
        #expect(snapshot.description == "10:20:10,13,19")
    }

    @Test func anEmptyListMeansThatNobodyWas() throws {
        let snapshot = try #require(ReadSnapshot("20:20:"))
        #expect(snapshot.sees(19))
        #expect(!snapshot.sees(20))
    }

    @Test(
        arguments: [
            "", "1", "1:2", "a:2:", "1:b:", "3:2:", "0:2:", "1:5:7", "2:5:1", "1:5:3,2", "1:5:2,",
            "1:5:2:3", "1:5:,", "-1:5:",
        ]
    )
    func whatPostgreSQLWouldNotPrintIsRefused(_ text: String) {
        #expect(ReadSnapshot(text) == nil)
    }

    @Test(
        arguments: [
            ("10:10:", "10:10:", true), ("10:12:", "10:11:", true), ("10:11:", "10:12:", false),
            // The one who was running is over, or runs on.
            ("12:12:", "10:12:10", true), ("10:12:10", "10:12:10", true),
            // Who was over runs again.
            ("10:12:10", "12:12:", false), ("10:14:10", "12:12:", false),
            // Who had not begun runs.
            ("12:14:12", "12:12:", true),
            // Neither is after the other.
            ("10:12:10", "11:12:11", false), ("11:12:11", "10:12:10", false),
        ]
    )
    func timeGoesForward(_ later: String, _ earlier: String, _ isAtOrAfter: Bool) throws {
        let (later, earlier) = (ReadSnapshot(later), ReadSnapshot(earlier))
        #expect(try #require(later).isAtOrAfter(try #require(earlier)) == isAtOrAfter)
    }
}
