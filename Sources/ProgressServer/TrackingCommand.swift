import ProgressPostgres

/// `progress-server tracking`: installs change tracking in Amp's database, looks after it, removes it.
struct TrackingCommand: Sendable {
    enum Action: Sendable {
        case install(readers: [String])
        case remove
        case status
        case prune
    }

    let action: Action
    let conninfo: String
    var locking = TableLocking()
    var pruner = TrackingPruner()

    /// Connects, and waits at most ten seconds for it.
    ///
    /// - Returns: What was found or done, in one line.
    /// - Throws: ``TrackingError`` if the status is not that all is well; ``PostgresError``.
    func run() async throws -> String {
        try await DedicatedThread.run(named: "tracking") {
            switch self.action {
            case .install(let readers): try self.install(readers)
            case .remove: try self.remove()
            case .status: try self.status()
            case .prune: try self.prune()
            }
        }
    }

    private func install(_ readers: [String]) throws -> String {
        let limit = WaitLimit.after(.seconds(60))
        let connection = try self.connection(isReadOnly: false)
        switch try connection.catalogShape(limit: limit).era() {
        case .success(.f), .success(.g): break
        case .success(let era):
            throw TrackingError(
                "found an Amp database of era \(era.rawValue); change tracking is for eras F and G, and "
                    + "the server answers without it"
            )
        case .failure(let reason): throw TrackingError(reason.description)
        }
        let isChanged = try self.installer(connection).install(readers: readers)
        let grants = readers.isEmpty ? "" : "; \(readers.joined(separator: ", ")) may read it"
        let tables = "\(TrackedTable.all.count) tables"
        return isChanged
            ? "installed change tracking, version \(TrackingDefinition.version), on \(tables)\(grants)"
            : "change tracking, version \(TrackingDefinition.version), was installed on \(tables); "
                + "nothing was changed\(grants)"
    }

    private func remove() throws -> String {
        let isChanged = try self.installer(try self.connection(isReadOnly: false)).remove()
        return isChanged
            ? "removed change tracking" : "change tracking is not installed; nothing was changed"
    }

    private func status() throws -> String {
        let limit = WaitLimit.after(.seconds(60))
        let connection = try self.connection(isReadOnly: true)
        let catalog = try connection.trackingCatalog(limit: limit)
        guard catalog.isOurs else { throw TrackingError("change tracking is not installed") }
        guard catalog.damage.isEmpty else {
            throw TrackingError(
                "change tracking is damaged; 'tracking install' mends it: "
                    + catalog.damage.joined(separator: "; ")
            )
        }
        guard catalog.isReadable else {
            throw TrackingError(
                "change tracking is installed, but this role may not read schema progress; "
                    + "'tracking install --reader ROLE' lets it"
            )
        }
        return try self.summary(on: connection, limit: limit)
    }

    private func summary(
        on connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) -> String {
        var words = ["change tracking is sound"]
        let queries = [Query(TrackingStatements.meta), Query(TrackingStatements.logSize)]
        try connection.run(queries, limit: limit) { index, row throws(PostgresError) in
            if index == 0 {
                words.append(
                    "version \(try row.int64(0)) of \(try row.string(1)), covering \(try row.string(2))"
                )
                return
            }
            let age = try row.int64IfPresent(1).map { ", the oldest \($0) transactions old" } ?? ""
            words.append("\(try row.int64(0)) log rows\(age)")
            let pruned = try row.int64IfPresent(2).map { "last pruned \($0) s ago" }
            words.append(pruned ?? "never pruned")
        }
        return words.joined(separator: "; ")
    }

    private func prune() throws -> String {
        let connection = try self.connection(isReadOnly: false)
        let catalog = try connection.trackingCatalog(limit: .after(.seconds(30)))
        guard catalog.isOurs, catalog.tables["log"] != nil, catalog.tables["horizon"] != nil else {
            throw TrackingError("change tracking is not installed")
        }
        let outcome = try self.pruner.prune(on: connection, limit: .after(.seconds(600)))
        return "removed \(outcome.removedRowCount) log rows"
            + (outcome.isComplete ? "" : "; there are more, run it again")
    }

    private func installer(_ connection: PostgresConnection) -> TrackingInstaller {
        TrackingInstaller(
            connection: connection,
            locking: self.locking,
            limit: .after(.seconds(60))
        )
    }

    private func connection(isReadOnly: Bool) throws(PostgresError) -> PostgresConnection {
        let limit = WaitLimit.after(.seconds(10))
        let connection = try PostgresConnection(
            conninfo: self.conninfo,
            settings: SessionSettings(
                applicationName: "progress-server tracking",
                isReadOnly: isReadOnly,
                statementTimeout: .seconds(30),
                lockTimeout: .seconds(2)
            ),
            limit: limit,
            canceller: StatementCanceller(limit: 1)
        )
        // Names are ours or the system's, whatever stands in the schemas that the role searches.
        try connection.run(script: "SET search_path = pg_catalog", limit: limit)
        return connection
    }
}
