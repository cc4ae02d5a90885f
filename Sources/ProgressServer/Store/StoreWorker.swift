import ProgressPostgres

/// A thread of the store and the session that it owns.
struct StoreWorker {
    let id: PoolState.WorkerID
    let store: PostgresStore
    let wakeUp: WakeUp
    /// The session; only this thread touches it.
    private var session: StoreSession?

    init(id: PoolState.WorkerID, store: PostgresStore, wakeUp: WakeUp) {
        self.id = id
        self.store = store
        self.wakeUp = wakeUp
    }

    /// Works until the store stops.
    consuming func run() {
        while true {
            switch self.store.nextAction(for: self.id) {
            case .perform(let request):
                self.perform(request)
                self.store.requestPerformed(by: self.id)
            case .connect:
                self.connect()
            case .rest(let deadline):
                self.rest(until: deadline)
            case .stop:
                return
            }
        }
    }

    private mutating func rest(until deadline: ContinuousClock.Instant?) {
        guard let session = self.session else { return self.wakeUp.wait(until: deadline) }
        if !session.connection.waitWhileIdle() { self.dropSession() }
    }

    private mutating func connect() {
        let store = self.store
        let limit = WaitLimit(
            deadline: .now.advanced(by: store.configuration.connectTimeout),
            isCancelled: { store.isStopping }
        )
        do throws(ConnectFailure) {
            let era = try self.openSession(limit: limit)
            store.sessionOpened(by: self.id, era: era)
        } catch {
            if !store.isStopping { store.attemptFailed(by: self.id, error) }
        }
    }

    /// Opens a session; once more if the first was cut off, which tells nothing of the server.
    private mutating func openSession(limit: WaitLimit) throws(ConnectFailure) -> SchemaEra {
        let opened: Result<SchemaEra, UnsupportedDatabase>
        do throws(PostgresError) {
            opened = try self.openSessionOnce(limit: limit)
        } catch  where error.isInterruption {
            do throws(PostgresError) {
                opened = try self.openSessionOnce(limit: limit)
            } catch {
                throw ConnectFailure(error)
            }
        } catch {
            throw ConnectFailure(error)
        }
        return try opened.mapError(ConnectFailure.init).get()
    }

    private mutating func openSessionOnce(
        limit: WaitLimit
    ) throws(PostgresError) -> Result<SchemaEra, UnsupportedDatabase> {
        let connection = try PostgresConnection(
            conninfo: self.store.configuration.conninfo,
            settings: .reader(
                applicationName: "progress-server",
                statementTimeout: self.store.configuration.statementTimeout
            ),
            limit: limit,
            wakeUp: self.wakeUp,
            canceller: self.store.canceller
        )
        let era = try connection.catalogShape(limit: limit)
            .era(allowsStandby: self.store.configuration.allowsStandby)
        if case .success(let era) = era {
            self.session = StoreSession(connection: connection, era: era)
        }
        return era
    }

    private mutating func dropSession() {
        self.session = nil
        self.store.sessionLost(by: self.id)
    }

    /// How long a worker lets those be who have a table locked before it looks again.
    private static let lockPause = Duration.milliseconds(20)

    private mutating func perform(_ request: StoreRequest) {
        let limit = WaitLimit(deadline: request.deadline, isCancelled: { request.isCancelled })
        var history = AttemptHistory()
        while true {
            do throws(StoreError) {
                let delivery = try self.attempt(request, limit: limit, after: &history)
                if let delivery { return request.complete(with: .success(delivery)) }
            } catch {
                return request.complete(with: .failure(error))
            }
        }
    }

    /// Reads what the request asks for.
    ///
    /// - Returns: `nil` if it failed in a way that another attempt may mend.
    private mutating func attempt(
        _ request: StoreRequest,
        limit: WaitLimit,
        after history: inout AttemptHistory
    ) throws(StoreError) -> StoreRequest.Delivery? {
        guard !request.isCancelled else { throw StoreError(.cancelled, "the caller went away") }
        guard request.deadline > .now else {
            throw StoreError(.deadlineExceeded, "the deadline passed before the database was asked")
        }
        let session = try self.liveSession(limit: limit)
        let start = ContinuousClock.now
        do throws(ReadFailure) {
            return try request.read(session, limit)
        } catch {
            self.recover(session.connection, from: error)
            // `lock_timeout` is short: without its locks for a moment it is in nobody's way.
            if error.cause.state == .lockNotAvailable, history.waitsForLocks {
                self.wakeUp.wait(until: min(limit.deadline, .now.advanced(by: Self.lockPause)))
                return nil
            }
            // PostgreSQL has one code for statements that others cancel and for those that take too
            // long; to ask the latter again would double the load on a server that is slow.
            let tookTooLong =
                error.cause.state == .queryCanceled
                && start.duration(to: .now) >= self.store.configuration.statementTimeout
            guard !tookTooLong, history.allowsAnother(after: error, in: session.era) else {
                // A caller may leave at any time: nothing failed.
                if error.cause.kind != .cancelled {
                    self.store.observe(.readFailed(request.subject, error))
                }
                throw error.storeError
            }
            return nil
        }
    }

    /// The session, or a new one if it died since it was last used.
    private mutating func liveSession(limit: WaitLimit) throws(StoreError) -> StoreSession {
        if let session = self.session, session.connection.isAlive() { return session }
        self.session = nil
        var connectLimit = limit
        connectLimit.deadline = min(
            limit.deadline,
            .now.advanced(by: self.store.configuration.connectTimeout)
        )
        do throws(ConnectFailure) {
            let era = try self.openSession(limit: connectLimit)
            self.store.sessionOpened(by: self.id, era: era)
        } catch {
            self.store.sessionLost(by: self.id)
            if limit.isCancelled() { throw StoreError(.cancelled, error.message) }
            if limit.deadline <= .now { throw StoreError(.deadlineExceeded, error.message) }
            throw error.storeError
        }
        guard let session = self.session else {
            throw StoreError(.unavailable, "the session was lost as soon as it was opened")
        }
        return session
    }

    /// Brings the session back to where a read can start, or drops it.
    private mutating func recover(_ connection: PostgresConnection, from failure: ReadFailure) {
        // Enough for a server that answers; one that does not has no claim on this thread.
        let limit = WaitLimit.after(.seconds(1))
        do throws(PostgresError) {
            guard connection.isUsable, failure.remedy != .detectAgain,
                failure.remedy != .reconnect
            else { throw failure.cause }
            if connection.isInTransaction { try connection.rollBack(limit: limit) }
            if failure.remedy == .prepareAgain { try connection.deallocateStatements(limit: limit) }
        } catch {
            self.dropSession()
        }
    }
}

extension PostgresError {
    /// Whether somebody ended a session or a statement that was fine, so that another may succeed.
    var isInterruption: Bool {
        self.kind == .connectionLost || self.state == .adminShutdown
            || self.state?.meansInterruptedStatement ?? false
    }
}
