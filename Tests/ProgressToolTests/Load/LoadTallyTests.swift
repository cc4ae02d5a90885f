import Testing

@testable import ProgressTool

@Suite("Load statistics")
struct LoadTallyTests {
    @Test("Only right answers have a latency; the others are counted by name")
    func outcomes() {
        var tally = LoadTally()
        tally.record(.right, after: .microseconds(100))
        tally.record(.wrong, after: .microseconds(1))
        tally.record(.failed("A"), after: .microseconds(1))
        tally.record(.failed("A"), after: .microseconds(1))
        #expect(tally.answerCount == 1)
        #expect(tally.wrongCount == 1)
        #expect(tally.errors == ["A": 2])
        #expect(tally.callCount == 4)
    }

    @Test("Percentiles of 1 to 1,000 µs are right to three digits")
    func percentiles() throws {
        var tally = LoadTally()
        for value in 1...1_000 { tally.record(.right, after: .microseconds(value)) }
        let latency = try #require(tally.latency)
        let expected = [
            (latency.p50, 500.0), (latency.p90, 900), (latency.p99, 990), (latency.p999, 999),
            (latency.max, 1_000), (latency.mean, 500.5),
        ]
        for (found, wanted) in expected { #expect(abs(found - wanted) <= wanted * 0.002) }
    }

    @Test("Merging tallies is the same as recording everything in one")
    func merging() {
        var (first, second, all) = (LoadTally(), LoadTally(), LoadTally())
        for value in 1...200 {
            let outcome: LoadOutcome = value % 50 == 0 ? .failed("E\(value % 3)") : .right
            all.record(outcome, after: .microseconds(value * 7))
            if value % 2 == 0 {
                first.record(outcome, after: .microseconds(value * 7))
            } else {
                second.record(outcome, after: .microseconds(value * 7))
            }
        }
        first.merge(second)
        #expect(first.latency == all.latency)
        #expect(first.errors == all.errors)
        #expect(first.callCount == 200)
    }

    @Test("Latencies beyond any range are taken as the nearest bound")
    func extremes() throws {
        var tally = LoadTally()
        tally.record(.right, after: .seconds(-1))
        tally.record(.right, after: .seconds(1_000_000))
        #expect(tally.answerCount == 2)
        #expect(try #require(tally.latency).max <= 3_601_000_000)
    }

    @Test("No answer has no latency")
    func empty() {
        #expect(LoadTally().latency == nil)
    }
}
