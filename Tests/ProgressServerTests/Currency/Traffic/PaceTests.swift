import Testing

@Suite("The pace of a run")
struct PaceTests {
    @Test func writesComeInTheFirstHalfOfAPeriod() throws {
        let pace = try Pace(answerGoal: 1_000, transactionsPerPeriod: 32, writerCount: 1)
        let period = Pace.period
        let limits = [0, 4, period / 2, period - 1, period, period + 4, 3 * period / 2]
            .map(pace.transactionLimit)
        #expect(limits == [0, 2, 32, 32, 32, 34, 64])
    }

    @Test func aRunIsOverWithAnswersAndTransactionsEnough() throws {
        let pace = try Pace(answerGoal: 4, transactionsPerPeriod: 32, writerCount: 1)
        for _ in 0..<4 { pace.answered() }
        for _ in 0..<2 {
            #expect(!pace.isOver)
            #expect(pace.permitTransaction(of: 0))
        }
        #expect(pace.isOver)
    }

    @Test func aRunWithoutWritesEndsAllTheSame() throws {
        let pace = try Pace(answerGoal: 4, transactionsPerPeriod: 32, writerCount: 1)
        for _ in 1..<(4 * Pace.excess) { pace.answered() }
        #expect(!pace.isOver)
        pace.answered()
        #expect(pace.isOver)
    }

    @Test func writersGoHomeWhenItStops() throws {
        let pace = try Pace(answerGoal: 4, transactionsPerPeriod: 32, writerCount: 1)
        pace.stop()
        #expect(!pace.permitTransaction(of: 0))
    }
}
