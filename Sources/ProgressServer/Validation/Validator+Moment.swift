import ProgressChain
import ProgressPostgres
import Synchronization

/// Reading what is missing, at one moment.
extension Validator {
    /// Most jobs whose plans are read at a time, unless one request asks for more.
    private static let planLimit = 256
    /// Most files whose rows or versions are read at a time, unless one request needs more: 300,000
    /// versions took PostgreSQL 150 ms, for which all others wait.
    private static let readingFileLimit = 200_000
    /// Most times that a moment is asked for more.
    private static let stepLimit = 8
    /// How long a reading may take.
    private var readingLimit: WaitLimit { self.limit(self.context.configuration.statementTimeout) }

    /// Reads what is missing in one moment, as far as this session reads it.
    ///
    /// - Parameter start: When the round began.
    /// - Returns: Whether a transaction is open.
    mutating func completeMoment(
        _ connection: PostgresConnection,
        _ start: ContinuousClock.Instant
    ) throws(ReadFailure) -> Bool {
        var isInTransaction = false
        for _ in 0..<Self.stepLimit {
            let wants = self.wants()
            guard !wants.isEmpty else { break }
            do throws(ReadFailure) {
                guard try self.read(wants, connection, begins: !isInTransaction) else {
                    // The log is not whole: the next round sees to it before it reads anything.
                    self.isMoveKnown = true
                    self.postponed += self.active
                    self.active = []
                    return true
                }
            } catch {
                guard error.cause.state == .lockNotAvailable else { throw error }
                self.recover(connection, from: error)
                let again = ContinuousClock.now.advanced(by: Self.blockedInterval)
                for var waiting in self.active where !waiting.lack.isReadElsewhere {
                    waiting.notBefore = again
                    self.postponed.append(waiting)
                }
                self.active.removeAll { !$0.lack.isReadElsewhere }
                return false
            }
            isInTransaction = true
            self.settle(start)
        }
        return isInTransaction
    }

    /// What the session is to read for them next: all for the first of them, and for the others as far
    /// as there is room in one reading.
    private func wants() -> Lack {
        var wants = Lack()
        var fileCount = 0
        let isShared = self.nextSharedReading <= .now
        for lack in self.active.lazy.map(\.lack) {
            let versions = self.versions(for: lack).subtracting(wants.versions)
            let count = versions.reduce(lack.files.count) { sum, id in
                sum + (self.cache.revisions[id]?.files.fileCount ?? 0)
            }
            let fits =
                fileCount + count <= Self.readingFileLimit
                && wants.plans.count + lack.plans.count <= Self.planLimit
            guard wants.isEmpty || fits && isShared else { continue }
            fileCount += count
            wants.plans.formUnion(lack.plans)
            wants.files.formUnion(lack.files)
            wants.versions.formUnion(versions)
        }
        return wants
    }

    /// What a plan had before it most likely still has.
    private func versions(for lack: Lack) -> Set<RevisionID> {
        guard self.cache.currency == .scan else { return lack.versions }
        return lack.plans.reduce(into: lack.versions) { versions, job in
            versions.formUnion(self.cache.comparableRevisions(of: job))
        }
    }

    /// - Returns: Whether what is held is of this moment; else nothing was taken in.
    private mutating func read(
        _ wants: Lack,
        _ connection: PostgresConnection,
        begins: Bool
    ) throws(ReadFailure) -> Bool {
        var queries: [MomentQuery] = []
        if begins {
            queries.append(.begin(isPatient: false))
            if let log = self.log, let snapshot = self.snapshot {
                queries.append(.look(.changes(since: self.seeded(snapshot), log, filesOf: [])))
            } else {
                queries.append(.look(.snapshot))
            }
        }
        let plans = wants.plans.sorted { $0.rawValue < $1.rawValue }
        let revisions = wants.versions.sorted()
        if !plans.isEmpty { queries.append(.plans(plans)) }
        if !wants.files.isEmpty {
            queries.append(.files(wants.files.sorted().map(FileID.init(rawValue:))))
        }
        if !revisions.isEmpty { queries.append(.versions(revisions)) }
        var reading = try self.read(queries, connection)
        if begins { guard try self.enterMoment(reading) else { return false } }
        self.context.applyManifests(to: &reading.plans)
        self.cache.planned(plans, reading.plans)
        self.counts.rowCount += UInt64(reading.files.count)
        self.cache.filesRead(wants.files, reading.files, keepsGone: self.keepsGone)
        let missing = self.cache.versionsRead(
            wants.versions,
            reading.versions,
            comparesCounts: self.context.configuration.faults.contains(.comparesCounts)
        )
        guard !missing.isEmpty else { return true }
        let rows = try self.read([.files(missing.values.flatMap { $0 })], connection)
        self.counts.rowCount += UInt64(rows.files.count)
        self.cache.missingRead(missing, rows.files)
        return true
    }

    /// The transaction's moment may be later than the round's first.
    ///
    /// - Returns: Whether what is held is of it.
    private mutating func enterMoment(_ reading: MomentReading) throws(ReadFailure) -> Bool {
        guard let snapshot = reading.snapshot, let before = self.snapshot else {
            throw ReadFailure(.moment, Self.momentMissing)
        }
        switch self.cache.currency {
        case .log:
            guard reading.isLogWhole != false else { return false }
            self.cache.apply(self.seeded(reading.changes))
        case .scan:
            if !snapshot.provesNoChange(since: before) { self.cache.momentMoved() }
        }
        self.moved(to: snapshot)
        self.nameMoment()
        return true
    }

    private mutating func read(
        _ queries: [MomentQuery],
        _ connection: PostgresConnection
    ) throws(ReadFailure) -> MomentReading {
        var reading = MomentReading()
        try connection.read(
            queries,
            into: &reading,
            taken: &self.taken,
            era: self.era,
            isStandby: self.isStandby,
            names: self.context.loaders.networkNames,
            limit: self.readingLimit
        )
        return reading
    }
}
