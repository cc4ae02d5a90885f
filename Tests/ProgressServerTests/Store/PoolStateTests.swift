import Testing

@testable import ProgressServer

struct PoolStateTests {
    let now = ContinuousClock.now
    let outage = ConnectFailure(UnsupportedDatabase("test"))

    func request() throws -> StoreRequest {
        StoreRequest(of: "a test", before: self.now, reading: { _, _ in {} }, onFailure: { _ in })
    }

    @Test func anIdleWorkerGetsTheRequest() throws {
        var state = PoolState(queueLimit: 1)
        state.sessionOpened(by: 0, era: .f)
        guard case .rest(nil) = state.nextAction(for: 0, at: self.now) else {
            Issue.record("a worker without work rests")
            return
        }
        let request = try self.request()
        #expect(state.requestArrived(request, at: self.now) == .wake(0))
        guard case .perform(let next) = state.nextAction(for: 0, at: self.now) else {
            Issue.record("a worker with work performs it")
            return
        }
        #expect(next === request)
    }

    @Test func requestsAreServedInTheOrderOfTheirArrival() throws {
        var state = PoolState(queueLimit: 8)
        let requests = try (1...3).map { _ in try self.request() }
        for request in requests {
            #expect(state.requestArrived(request, at: self.now) == .wait)
        }
        state.sessionOpened(by: 0, era: .f)
        for expected in requests {
            guard case .perform(let next) = state.nextAction(for: 0, at: self.now) else {
                Issue.record("work waits")
                return
            }
            #expect(next === expected)
            state.requestPerformed(by: 0)
        }
    }

    @Test func oneRequestMoreThanTheQueueHoldsIsRefused() throws {
        var state = PoolState(queueLimit: 2)
        for _ in 1...2 { #expect(state.requestArrived(try self.request(), at: self.now) == .wait) }
        guard case .refuse(let error) = state.requestArrived(try self.request(), at: self.now)
        else {
            Issue.record("the third of two must be refused")
            return
        }
        #expect(error.kind == .queueFull)
    }

    @Test func onlyOneWorkerConnectsAtATime() {
        var state = PoolState(queueLimit: 1)
        #expect(state.nextAction(for: 0, at: self.now).isConnect)
        #expect(!state.nextAction(for: 1, at: self.now).isConnect)
        state.sessionOpened(by: 0, era: .f)
        #expect(state.nextAction(for: 1, at: self.now).isConnect)
    }

    @Test func whileThereIsNoDatabaseOneRequestProbesAndTheOthersFailAtOnce() throws {
        var state = PoolState(queueLimit: 8)
        let early = try self.request()
        #expect(state.requestArrived(early, at: self.now) == .wait)
        #expect(state.nextAction(for: 0, at: self.now).isConnect)
        let failed = state.attemptFailed(by: 0, self.outage, at: self.now, jitter: 0)
        #expect(failed.map { $0 === early } == [true])
        #expect(state.health.database == .unsupported)
        let refusal = PoolState.ArrivalAction.refuse(self.outage.storeError)
        #expect(state.requestArrived(try self.request(), at: self.now) == refusal)
        let later = self.now.advanced(by: self.outage.pauseBeforeProbe)
        #expect(state.requestArrived(try self.request(), at: later) == .probe)
        #expect(state.requestArrived(try self.request(), at: later) == refusal)
        // A probe does not wait for the back-off.
        #expect(state.nextAction(for: 0, at: later).isConnect)
    }

    @Test func afterAFailedAttemptTheWorkerWaits() {
        var state = PoolState(queueLimit: 8)
        #expect(state.nextAction(for: 0, at: self.now).isConnect)
        _ = state.attemptFailed(by: 0, self.outage, at: self.now, jitter: 0)
        guard case .rest(let deadline?) = state.nextAction(for: 0, at: self.now) else {
            Issue.record("no second attempt at once")
            return
        }
        #expect(self.now.duration(to: deadline) == ConnectBackoff.shortest)
    }

    @Test func aLostSessionLetsRequestsWaitForTheNextAttempt() throws {
        var state = PoolState(queueLimit: 8)
        state.sessionOpened(by: 0, era: .f)
        _ = state.nextAction(for: 0, at: self.now)
        state.sessionLost(by: 0)
        #expect(state.requestArrived(try self.request(), at: self.now) == .wait)
        #expect(state.nextAction(for: 0, at: self.now).isConnect)
    }

    @Test func aRequestThatWaitsIsWithdrawnAndOneThatRunsWakesItsWorker() throws {
        var state = PoolState(queueLimit: 8)
        let (running, waiting) = (try self.request(), try self.request())
        _ = state.requestArrived(running, at: self.now)
        _ = state.requestArrived(waiting, at: self.now)
        state.sessionOpened(by: 3, era: .g)
        _ = state.nextAction(for: 3, at: self.now)
        #expect(state.requestCancelled(running) == .wake(3))
        #expect(state.requestCancelled(waiting) == .complete)
        #expect(state.requestCancelled(waiting) == .ignore)
        #expect(state.waiting.isEmpty)
    }

    @Test func aStopReturnsWhatWaitsAndRefusesWhatComes() throws {
        var state = PoolState(queueLimit: 8)
        _ = state.requestArrived(try self.request(), at: self.now)
        #expect(state.stopRequested().count == 1)
        guard case .refuse(let error) = state.requestArrived(try self.request(), at: self.now),
            case .stop = state.nextAction(for: 0, at: self.now)
        else {
            Issue.record("a stopping pool refuses and its workers stop")
            return
        }
        #expect(error.kind == .stopping)
    }

    @Test func theBackoffDoublesUpToItsLongestAndStartsAfresh() {
        var backoff = ConnectBackoff()
        let delays = (1...9).map { _ in backoff.attemptFailed(jitter: 0) / .milliseconds(1) }
        #expect(delays == [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
        backoff.attemptSucceeded()
        #expect(backoff.attemptFailed(jitter: 1) == .milliseconds(25))
    }
}

extension PoolState.WorkerAction {
    fileprivate var isConnect: Bool {
        if case .connect = self { true } else { false }
    }
}
