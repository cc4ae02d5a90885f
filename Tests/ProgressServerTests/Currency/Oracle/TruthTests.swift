import Testing

@Suite("The history of a database tells the truth of any moment")
struct TruthTests {
    /// The truth of job 1, as text.
    private func truth(_ small: SmallHistory, _ snapshot: String) throws -> String {
        var truth = Truth(small.history)
        let answer = try truth.answer(of: 1, at: try #require(ReadSnapshot(snapshot)))
        return answer?.description ?? "none"
    }

    @Test func filesCountFromTheTransactionThatBroughtThem() throws {
        var small = SmallHistory.ofOneJob
        small.setFile(101, of: 7, place: 0, by: 12)
        small.setFile(102, of: 7, place: 1, by: 11)
        #expect(try self.truth(small, "10:10:") == "none")
        #expect(
            try self.truth(small, "11:11:")
                == "job 1 RUNNING [eth/main blocks -…-, 0 files, 0 bytes]"
        )
        // 12 is in, and 11, which has the higher file, is not.
        #expect(
            try self.truth(small, "11:13:11")
                == "job 1 RUNNING [eth/main blocks 0…9, 1 files, 100 bytes]"
        )
        #expect(
            try self.truth(small, "13:13:")
                == "job 1 RUNNING [eth/main blocks 0…19, 2 files, 200 bytes]"
        )
    }

    @Test func theNewestVersionThatIsSeenCounts() throws {
        var small = SmallHistory.ofOneJob
        small.setFile(101, of: 7, place: 0, size: 1, by: 12)
        // A transaction that began earlier and waited for the row.
        small.setFile(101, of: 7, place: 0, size: 2, by: 11)
        small.delete(.files, 101, by: 14)
        let expected = [
            "12:12:": 2, "11:13:11": 1, "13:13:": 2, "14:15:14": 2, "11:15:11": nil, "15:15:": nil,
        ]
        for (snapshot, size) in expected {
            let table = size.map { "0…9, 1 files, \($0) bytes" } ?? "-…-, 0 files, 0 bytes"
            #expect(
                try self.truth(small, snapshot) == "job 1 RUNNING [eth/main blocks \(table)]",
                "\(snapshot)"
            )
        }
    }

    @Test func aTruncationTakesAllThatWasThereBefore() throws {
        var small = SmallHistory.ofOneJob
        small.setFile(101, of: 7, place: 0, by: 11)
        small.truncate(.files, by: 12)
        small.setFile(102, of: 7, place: 0, size: 5, by: 13)
        #expect(try self.truth(small, "12:12:").contains("1 files, 100 bytes"))
        #expect(try self.truth(small, "13:13:").contains("0 files"))
        #expect(try self.truth(small, "14:14:").contains("1 files, 5 bytes"))
    }

    @Test func aFileThatMovesLeavesOneRevisionForTheOther() throws {
        var small = SmallHistory.ofOneJob
        small.setFile(101, of: 7, place: 0, by: 11)
        small.setFile(101, of: 8, place: 0, by: 12)
        small.set(.tables, 4, owner: 8, "eth", "main", "blocks", "h", by: 13)
        small.set(.revisions, 8, owner: 1, by: 14)
        #expect(try self.truth(small, "12:12:").contains("1 files"))
        #expect(try self.truth(small, "13:13:").contains("0 files"))
        #expect(try self.truth(small, "14:14:") == "job 1 RUNNING []")
        #expect(try self.truth(small, "15:15:").contains("1 files"))
    }

    @Test func aFailureHasTheDetailOfItsNewestEvent() throws {
        var small = SmallHistory.ofOneJob
        small.set(.statuses, 1, owner: 1, "ERROR", by: 11)
        small.set(.events, 21, owner: 1, "ERROR", #"{"a": [1, 2]}"#, by: 12)
        small.set(.events, 22, owner: 1, "FATAL", #"{"b": 1}"#, by: 13)
        small.set(.events, 23, owner: 1, "ERROR", nil, by: 14)
        small.set(.statuses, 1, owner: 1, "fatal", by: 15)
        #expect(try self.truth(small, "12:12:").hasSuffix("]"))
        #expect(try self.truth(small, "14:14:").hasSuffix(#"] {"a":[1,2]}"#))
        #expect(try self.truth(small, "15:15:").hasSuffix("]"))
        #expect(try self.truth(small, "16:16:").hasSuffix(#"] {"b":1}"#))
    }

    @Test func ofTablesOfOneNameTheJobsOwnCountsOrElseTheGreatest() throws {
        var small = SmallHistory.ofOneJob
        small.set(.tables, 5, owner: 7, "zeta", "copy", "blocks", "h", by: 11)
        let detail = #"{"dataset_name": "main", "dataset_namespace": "eth"}"#
        small.set(.events, 21, owner: 1, "SCHEDULED", detail, by: 12)
        #expect(try self.truth(small, "12:12:").contains("[zeta/copy blocks"))
        #expect(try self.truth(small, "13:13:").contains("[eth/main blocks"))
    }

    @Test func aJobEndsWithItsRow() throws {
        var small = SmallHistory.ofOneJob
        small.delete(.statuses, 1, by: 11)
        small.delete(.jobs, 1, by: 12)
        #expect(try self.truth(small, "11:11:") != "none")
        #expect(try self.truth(small, "12:12:") == "none")
        #expect(try self.truth(small, "11:13:11") == "none")
    }
}
