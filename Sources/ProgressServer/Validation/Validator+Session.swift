import ProgressPostgres
import Synchronization

/// The session, and what it may rely on.
extension Validator {
    /// How long the session waits for a lock, as all who ask wait with it.
    private static let lockTimeout = Duration.milliseconds(50)

    func isConnected() -> Bool { self.connection?.isUsable ?? false }

    var isStopping: Bool { self.context.inbox.withLock { $0.isStopping } }

    /// A wait that ends at a time, or when the engine stops.
    func limit(_ timeout: Duration) -> WaitLimit {
        let context = self.context
        return WaitLimit(
            deadline: .now.advanced(by: timeout),
            isCancelled: { context.inbox.withLock { $0.isStopping } }
        )
    }

    /// Opens the session; then what waited for it is looked at.
    mutating func connect() {
        let context = self.context
        do throws(ConnectFailure) {
            try self.open(limit: self.limit(context.configuration.connectTimeout))
        } catch {
            self.connection = nil
            guard !self.isStopping else { return }
            let waiting = context.inbox.withLock { inbox in
                inbox.attemptFailed(error, at: .now, jitter: .random(in: 0...1))
            }
            context.observe(.connectFailed(error))
            for waiting in waiting { waiting.request.fail(error.storeError) }
            return self.failAll(error.storeError)
        }
        let era = self.era
        context.inbox.withLock { $0.opened(era) }
        context.observe(.databaseConnected(era))
        self.publishStatistics()
        self.round(self.takeAllWaiting())
    }

    /// Forgets the session; what waits is taken up by the next.
    mutating func sessionLost() {
        self.connection = nil
        self.cancelLoads()
        self.context.inbox.withLock { $0.lost() }
    }

    /// Once more if the first attempt was cut off, which tells nothing of the server.
    private mutating func open(limit: WaitLimit) throws(ConnectFailure) {
        var opened: Result<Void, UnsupportedDatabase>
        do throws(PostgresError) {
            opened = try self.openOnce(limit: limit)
        } catch  where error.isInterruption {
            do throws(PostgresError) {
                opened = try self.openOnce(limit: limit)
            } catch {
                throw ConnectFailure(error)
            }
        } catch {
            throw ConnectFailure(error)
        }
        try opened.mapError(ConnectFailure.init).get()
    }

    private mutating func openOnce(
        limit: WaitLimit
    ) throws(PostgresError) -> Result<Void, UnsupportedDatabase> {
        let configuration = self.context.configuration
        let connection = try PostgresConnection(
            conninfo: configuration.conninfo,
            settings: .reader(
                applicationName: "progress-server",
                statementTimeout: configuration.statementTimeout,
                lockTimeout: Self.lockTimeout
            ),
            limit: limit,
            wakeUp: self.context.wakeUp,
            canceller: self.context.loaders.canceller
        )
        let shape = try connection.catalogShape(limit: limit)
        switch shape.era(allowsStandby: configuration.allowsStandby) {
        case .failure(let reason): return .failure(reason)
        case .success(let era): self.era = era
        }
        let (identity, xmax, isStandby) = try connection.readIdentity(limit: limit)
        self.isStandby = isStandby
        if identity == self.identity {
            self.cache.distrust(forgetsLoads: true)
            self.flushed("the session was lost")
        } else {
            if self.identity != nil { self.flushed("the database was started anew, or is another") }
            self.cache.dropEverything()
            // They are of another database, or of commits that a crash undid.
            self.context.recent.removeAll()
            self.identity = identity
        }
        self.restore(ArchiveIdentity(identity, xmax: xmax))
        // What the archive took does not count: it is not PostgreSQL that was slow.
        let limit = self.limit(configuration.connectTimeout)
        self.session += 1
        self.cancelLoads()
        self.log = nil
        self.snapshot = nil
        self.taken = TakenTransactions()
        self.lookUnderWay = nil
        self.connection = connection
        try self.lookAtTracking(connection, limit: limit)
        return .success(())
    }

    mutating func flushed(_ reason: String) {
        self.counts.flushCount += 1
        self.context.observe(.cacheFlushed(reason))
    }

    /// Finds out how to keep what is held current, and takes the moment to start from.
    mutating func lookAtTracking(
        _ connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) {
        self.nextTrackingCheck = .now.advanced(by: self.context.configuration.trackingCheckInterval)
        let catalog = try connection.trackingCatalog(limit: limit)
        if let old = self.log { try connection.deallocate(old.statements, limit: limit) }
        self.log = nil
        self.catalogCount += 1
        var log: LogStatements?
        var readiness = catalog.readiness
        var moment = try self.firstLook(.snapshot, connection, limit: limit)
        if catalog.isSound {
            let statements = LogStatements(
                number: self.catalogCount,
                isUnchanged: catalog.isUnchangedExpression
            )
            do throws(PostgresError) {
                moment = try self.firstLooks(at: statements, connection, limit: limit)
                log = statements
            } catch  where error.kind == .statementFailed && error.state != .lockNotAvailable {
                readiness = "the change log cannot be read: \(error)"
            }
        }
        let currency: Currency = log == nil ? .scan : .log
        if currency != self.context.statistics.withLock({ $0.currency }) {
            self.context.observe(.currencyChanged(currency, readiness))
        }
        self.log = log
        // Later than the moment: what is read from here on is of that moment or after.
        self.cache.keepCurrent(by: currency)
        self.moved(to: moment)
    }

    /// Makes each of the looks at the log once, so that it is prepared.
    ///
    /// - Returns: A moment to start from.
    private mutating func firstLooks(
        at statements: LogStatements,
        _ connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) -> Snapshot {
        do throws(PostgresError) {
            for since in [Snapshot.busyEnd, .end] {
                let none = [RevisionID(rawValue: 0)]
                let look = Look.changes(since: since, statements, filesOf: none)
                _ = try self.firstLook(look, connection, limit: limit)
            }
        } catch  where error.state == .lockNotAvailable {
            // Somebody has the files locked: they are prepared when they are first needed.
        }
        let busy = Look.changes(since: .busyEnd, statements, filesOf: [])
        _ = try self.firstLook(busy, connection, limit: limit)
        // Whether the log is whole since the catalog was read, the next look tells.
        let look = Look.changes(since: .end, statements, filesOf: [])
        return try self.firstLook(look, connection, limit: limit)
    }

    private mutating func firstLook(
        _ look: Look,
        _ connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) -> Snapshot {
        let reading = try connection.look(
            look,
            taken: &self.taken,
            isStandby: self.isStandby,
            names: self.context.loaders.networkNames,
            limit: limit
        )
        guard let snapshot = reading.snapshot else { throw Self.momentMissing }
        return snapshot
    }

    /// What is held is of this moment from now on.
    mutating func moved(to snapshot: Snapshot) {
        self.snapshot = snapshot
    }

    /// Once in a while: whether tracking has come, and how far a standby is behind.
    mutating func lookAround(_ connection: PostgresConnection) throws(PostgresError) {
        let limit = self.limit(self.context.configuration.roundTimeout)
        if self.isStandby {
            let (lag, isStandby) = try connection.readReplayLag(limit: limit)
            self.counts.replayLag = lag
            if !isStandby {
                self.isStandby = false
                self.cache.distrust()
                self.flushed("the standby was promoted")
            }
        }
        guard self.nextTrackingCheck <= .now else { return }
        self.nextTrackingCheck = .now.advanced(
            by: self.context.configuration.trackingCheckInterval
        )
        try self.checkEra(connection, limit: limit)
        if self.cache.currency == .scan, try connection.trackingCatalog(limit: limit).isSound {
            try self.lookAtTracking(connection, limit: limit)
        }
    }

    /// - Throws: What a table that is gone gives, if the tables are of another era now: another session
    ///   finds out which.
    private func checkEra(
        _ connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) {
        let shape = try connection.catalogShape(limit: limit)
        guard case .success(let era) = shape.era(allowsStandby: true), era == self.era else {
            throw PostgresError(
                .statementFailed,
                "Amp's tables are not of era \(self.era.rawValue) any more",
                state: .undefinedTable
            )
        }
    }
}
