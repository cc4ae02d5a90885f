import Testing

@Suite("The check of answers finds what is wrong with them")
struct CurrencyAuditTests {
    /// Transactions 10 to 13, each acknowledged: the job, a file, a failure, a second file.
    private struct Run {
        var small = SmallHistory.ofOneJob
        var ledger = CommitLedger()
        var records: [AnswerRecord] = []

        init() {
            self.small.setFile(101, of: 7, place: 0, by: 11)
            self.small.set(.statuses, 1, owner: 1, "ERROR", by: 12)
            self.small.set(.events, 21, owner: 1, "ERROR", #"{"a": 1}"#, by: 12)
            self.small.setFile(102, of: 7, place: 1, by: 13)
        }

        mutating func commit(_ xids: ClosedRange<UInt64>) {
            for xid in xids {
                self.ledger.announce(xid)
                self.ledger.acknowledge(xid)
            }
        }

        /// A call; `during` happens between request and answer.
        mutating func call(
            _ outcome: AnswerRecord.Outcome,
            during: (inout CommitLedger) -> Void = { _ in }
        ) {
            let sent = self.ledger.mark()
            during(&self.ledger)
            self.records.append(
                AnswerRecord(
                    job: 1,
                    connection: 0,
                    sent: sent,
                    received: self.ledger.mark(),
                    outcome: outcome
                )
            )
        }

        func report() throws -> CurrencyReport {
            try CurrencyAudit.report(
                on: self.records,
                history: self.small.history,
                ledger: self.ledger,
                seed: 9
            )
        }
    }

    /// The answer after transaction 10, 11, 12 or 13, whose status may be that of another moment.
    private static func answer(after xid: UInt64, statusAfter: UInt64? = nil) -> JobAnswer {
        let fileCount: Int64 = xid < 11 ? 0 : xid < 13 ? 1 : 2
        let hasFailed = (statusAfter ?? xid) >= 12
        return JobAnswer(
            job: 1,
            status: hasFailed ? "ERROR" : "RUNNING",
            tables: [
                JobAnswer.Table(
                    name: "blocks",
                    dataset: "eth/main",
                    startBlock: fileCount == 0 ? nil : 0,
                    currentBlock: fileCount == 0 ? nil : fileCount * 10 - 1,
                    fileCount: fileCount,
                    byteCount: fileCount * 100
                )
            ],
            detail: hasFailed ? #"{"a":1}"# : nil
        )
    }

    private static func progress(
        after xid: UInt64,
        statusAfter: UInt64? = nil,
        version: UInt8? = nil,
        at snapshot: String
    ) -> AnswerRecord.Outcome {
        .progress(
            self.answer(after: xid, statusAfter: statusAfter),
            version: [version ?? UInt8(xid)],
            snapshot: snapshot
        )
    }

    @Test func rightAnswersAreRight() throws {
        var run = Run()
        for xid in UInt64(10)...13 {
            run.commit(xid...xid)
            for _ in 0..<2 { run.call(Self.progress(after: xid, at: "\(xid + 1):\(xid + 1):")) }
            run.call(.notModified(Self.answer(after: xid)))
        }
        let report = try run.report()
        #expect(report.isClean, "\(report)")
        #expect(report.answerCount == 12)
        #expect(report.notModifiedCount == 4)
        #expect(report.distinctAnswerCount == 4)
        #expect(report.distinctSnapshotCount == 4)
    }

    @Test func anAnswerOfAnEarlierMomentIsStale() throws {
        var run = Run()
        run.commit(10...13)
        run.call(Self.progress(after: 12, at: "14:14:"))
        let report = try run.report()
        #expect(report.counts == [.stale: 1])
        #expect(report.mismatchCount == 1)
        let example = try #require(report.examples.first)
        #expect(example.contains("stale: connection 0 at 14:14:: found job 1 ERROR"))
        #expect(example.contains("expected job 1 ERROR [eth/main blocks 0…19"))
        #expect(example.contains("(seed 9)"))
    }

    @Test func filesOfOneMomentAndStatusOfAnotherAreTorn() throws {
        var run = Run()
        run.commit(10...13)
        run.call(Self.progress(after: 13, statusAfter: 11, at: "14:14:"))
        #expect(try run.report().counts == [.torn: 1])
    }

    @Test func anAnswerForAJobThatIsNotThereIsTorn() throws {
        var run = Run()
        run.call(Self.progress(after: 10, at: "10:10:"))
        #expect(try run.report().counts == [.torn: 1])
    }

    @Test(arguments: ["13:13:", "13:15:13"])
    func aSnapshotWithoutAnAcknowledgedCommitIsFound(_ snapshot: String) throws {
        var run = Run()
        run.commit(10...13)
        // True of its moment: only that the moment is too old is wrong.
        run.call(Self.progress(after: 12, at: snapshot))
        #expect(try run.report().counts == [.missedCommit: 1])
    }

    @Test func aCommitThatIsAcknowledgedLaterMayBeMissing() throws {
        var run = Run()
        run.commit(10...12)
        run.call(Self.progress(after: 12, at: "13:14:13")) { ledger in
            ledger.announce(13)
            ledger.acknowledge(13)
        }
        #expect(try run.report().isClean)
    }

    @Test func aSnapshotThatGoesBackIsFound() throws {
        var run = Run()
        run.commit(10...11)
        // In sight before they are acknowledged, and then no more.
        run.call(Self.progress(after: 12, at: "13:13:"))
        run.call(Self.progress(after: 11, at: "12:13:12"))
        run.commit(12...13)
        #expect(try run.report().counts == [.backwards: 1])
    }

    @Test func snapshotsOfCallsSideBySideMayComeInAnyOrder() throws {
        var run = Run()
        run.commit(10...11)
        let sent = run.ledger.mark()
        run.call(Self.progress(after: 12, at: "13:13:"))
        run.records.append(
            AnswerRecord(
                job: 1,
                connection: 0,
                sent: sent,
                received: run.ledger.mark(),
                outcome: Self.progress(after: 11, at: "12:13:12")
            )
        )
        run.commit(12...13)
        #expect(try run.report().isClean)
    }

    @Test func aVersionThatDoesNotChangeIsFound() throws {
        var run = Run()
        run.commit(10...10)
        run.call(Self.progress(after: 10, version: 1, at: "11:11:"))
        run.commit(11...11)
        run.call(Self.progress(after: 11, version: 1, at: "12:12:"))
        #expect(try run.report().counts == [.version: 1])
    }

    @Test func aVersionThatChangesWithoutReasonIsFound() throws {
        var run = Run()
        run.commit(10...10)
        run.call(Self.progress(after: 10, version: 1, at: "11:11:"))
        run.call(Self.progress(after: 10, version: 2, at: "11:11:"))
        #expect(try run.report().counts == [.version: 1])
    }

    @Test func notModifiedMustBeTrueOfSomeMomentOfTheCall() throws {
        var run = Run()
        run.commit(10...11)
        run.call(.notModified(Self.answer(after: 11)))
        run.call(.notModified(Self.answer(after: 11))) { $0.announce(12) }
        run.call(.notModified(Self.answer(after: 12)))
        #expect(try run.report().isClean)
        run.ledger.acknowledge(12)
        run.call(.notModified(Self.answer(after: 11)))
        run.call(.notModified(Self.answer(after: 13)))
        #expect(try run.report().counts == [.noMoment: 2])
    }

    @Test func notFoundMustBeTrueOfSomeMomentOfTheCall() throws {
        var run = Run()
        run.small.delete(.jobs, 1, by: 14)
        run.call(.notFound)
        run.call(.notFound) { $0.announce(10) }
        run.ledger.acknowledge(10)
        run.commit(11...13)
        run.call(.notFound) { $0.announce(14) }
        #expect(try run.report().isClean)
        run = Run()
        run.commit(10...13)
        run.call(.notFound)
        #expect(try run.report().counts == [.noMoment: 1])
    }

    @Test func whoBeganEarlyAndCommitsLateIsNotSeenBefore() throws {
        var run = Run()
        run.small.setFile(103, of: 7, place: 2, by: 14)
        run.small.set(.jobs, 2, by: 20)
        run.commit(10...13)
        run.commit(20...20)
        run.call(.notModified(Self.answer(after: 13)))
        run.commit(14...14)
        #expect(try run.report().isClean)
        run.call(.notModified(Self.answer(after: 13)))
        #expect(try run.report().counts == [.noMoment: 1])
    }

    @Test func tooManyCommitsAtOnceAreNotTried() throws {
        for count in [
            CommitTimeline.concurrentCommitLimit, CommitTimeline.concurrentCommitLimit + 1,
        ] {
            var run = Run()
            run.commit(10...13)
            let xids = (0..<UInt64(count)).map { 20 + $0 }
            for xid in xids { run.small.setFile(Int64(xid), of: 7, place: Int(xid), by: xid) }
            run.call(.notModified(Self.answer(after: 10))) { ledger in
                for xid in xids { ledger.announce(xid) }
            }
            let isTried = count <= CommitTimeline.concurrentCommitLimit
            #expect(try run.report().count(of: .noMoment) == (isTried ? 1 : 0))
            #expect(try run.report().uncheckedCount == (isTried ? 0 : 1))
        }
    }

    @Test func failuresAndSnapshotsThatAreNoneAreCounted() throws {
        var run = Run()
        run.commit(10...13)
        run.call(.failed("UNAVAILABLE"))
        run.call(Self.progress(after: 13, at: "later"))
        #expect(try run.report().counts == [.failed: 1, .unreadable: 1])
    }

    @Test func noMoreThanAFewExamplesAreKept() throws {
        var run = Run()
        run.commit(10...13)
        for _ in 0...CurrencyReport.exampleLimit { run.call(.failed("UNAVAILABLE")) }
        let report = try run.report()
        #expect(report.examples.count == CurrencyReport.exampleLimit)
        #expect(report.count(of: .failed) == CurrencyReport.exampleLimit + 1)
    }
}
