import ProgressChain
import ProgressPostgres
import Synchronization

@testable import ProgressServer

/// Runs a store on a database while `body` runs.
func withStore<Value: Sendable>(
    _ conninfo: String,
    connectionCount: Int = 2,
    queueLimit: Int = 16,
    statementTimeout: Duration = .seconds(30),
    allowsStandby: Bool = false,
    observations: Observations = Observations(),
    _ body: @Sendable (PostgresStore) async throws -> Value
) async throws -> Value {
    let store = try PostgresStore(
        .init(
            conninfo: conninfo,
            connectionCount: connectionCount,
            allowsStandby: allowsStandby,
            queueLimit: queueLimit,
            statementTimeout: statementTimeout
        ),
        observe: observations.record
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await store.run() }
        defer { group.cancelAll() }
        return try await body(store)
    }
}

/// What a store or service observed.
final class Observations: Sendable {
    private let recorded = Mutex<[Observation]>([])

    func record(_ observation: Observation) {
        self.recorded.withLock { $0.append(observation) }
    }

    var all: [Observation] { self.recorded.withLock { $0 } }
}

extension PostgresStore {
    /// Reads a job and waits for the result.
    func reading(
        of job: Int64,
        within timeout: Duration = .seconds(20),
        choosing choose: @escaping @Sendable (JobPlan) -> [JobTable] = { $0.tables }
    ) async throws -> JobReading {
        let result = await withCheckedContinuation { continuation in
            self.start(job, within: timeout, choosing: choose) {
                continuation.resume(returning: $0)
            }
        }
        return try result.get()
    }

    /// Reads a job until the store has a session, or for thirty seconds.
    func readingOnceConnected(of job: Int64) async throws -> JobReading {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while true {
            do {
                return try await self.reading(of: job)
            } catch let error as StoreError {
                guard error.kind == .unavailable, deadline > .now else { throw error }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @discardableResult
    func start(
        _ job: Int64,
        within timeout: Duration = .seconds(20),
        choosing choose: @escaping @Sendable (JobPlan) -> [JobTable] = { $0.tables },
        completion: @escaping @Sendable (Result<JobReading, StoreError>) -> Void
    ) -> StoreRequest? {
        guard let job = JobID(rawValue: job) else {
            completion(.failure(StoreError(.jobUnreadable, "no such id")))
            return nil
        }
        return self.read(
            "job \(job)",
            before: .now.advanced(by: timeout)
        ) { session, limit throws(ReadFailure) in
            try session.connection.readJobs(
                [job],
                choosing: choose,
                era: session.era,
                isStandby: false,
                names: self.networkNames,
                limit: limit
            )
        } completion: {
            completion($0)
        }
    }
}

extension JobReading {
    /// The plan of the one job that was read.
    var plan: JobPlan? { self.plans.values.first }

    /// The canonical files of a revision; `nil` if its files were not read.
    func fileCount(of revision: Int64) -> Int? {
        guard case .summary(let summary) = self.outcomes[RevisionID(rawValue: revision)] else {
            return nil
        }
        return summary.fileCount
    }
}

/// The error that `body` throws.
func storeError(_ body: () async throws -> JobReading) async -> StoreError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? StoreError
    }
}

/// Asks again and again, for at most thirty seconds, until the answer is yes.
func eventually(_ isTrue: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now.advanced(by: .seconds(30))
    while deadline > .now {
        if try await isTrue() { return true }
        // Tests run side by side on few threads: to ask without a pause would starve the others.
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}

extension StoreError {
    var isUnsupported: Bool { if case .unsupportedDatabase = self.kind { true } else { false } }
}
