import Testing

@testable import ProgressTool

@Suite("The budget of a load run")
struct LoadBudgetTests {
    @Test("So many calls and not one more")
    func requests() {
        let budget = LoadBudget(duration: .seconds(1), requestCount: 3)
        let now = ContinuousClock.now
        budget.start(at: now)
        #expect((0..<5).map { _ in budget.takeCall(at: now) } == [true, true, true, false, false])
        #expect(budget.isSpent(at: now))
    }

    @Test("Nothing from the end of its time on")
    func duration() {
        let budget = LoadBudget(duration: .seconds(1), requestCount: nil)
        let start = ContinuousClock.now
        budget.start(at: start)
        #expect(budget.takeCall(at: start.advanced(by: .milliseconds(999))))
        #expect(!budget.takeCall(at: start.advanced(by: .seconds(1))))
        #expect(budget.isSpent(at: start.advanced(by: .seconds(1))))
    }

    @Test("Exhausted, it gives nothing more")
    func exhausted() {
        let budget = LoadBudget(duration: .seconds(1), requestCount: nil)
        budget.start(at: .now)
        budget.exhaust()
        #expect(!budget.takeCall(at: .now))
    }

    @Test("Callers on many threads share it exactly")
    func concurrently() async {
        let budget = LoadBudget(duration: .seconds(60), requestCount: 1_000)
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<500).count { _ in budget.takeCall(at: .now) } }
            }
            return await group.reduce(0, +)
        }
        #expect(taken == 1_000)
    }

    @Test("Jobs are asked about in turn")
    func rotation() {
        var rotation = JobRotation([7, 8, 9], startingAt: 4)
        #expect((0..<4).map { _ in rotation.next() } == [8, 9, 7, 8])
    }
}
