import ProgressPostgres

/// `progress-server schema`: looks at a database, or gives an empty one Amp's tables.
struct SchemaCommand: Sendable {
    enum Action: Sendable {
        case status
        case initialize
    }

    let action: Action
    let conninfo: String

    /// Connects, and waits at most ten seconds for it.
    ///
    /// - Returns: What was found or done, in one line.
    /// - Throws: ``SchemaCommandError``.
    func run() async throws -> String {
        try await DedicatedThread.run(named: "schema") {
            switch self.action {
            case .status: try self.status()
            case .initialize: try self.initialize()
            }
        }
    }

    private func status() throws -> String {
        switch try self.shape().era() {
        case .success(let era): return "the database has Amp's tables of era \(era.rawValue)"
        case .failure(let reason): throw SchemaCommandError(description: reason.description)
        }
    }

    private func initialize() throws -> String {
        let shape = try self.shape()
        guard shape.tableCount == 0 else {
            throw SchemaCommandError(
                description: "the database has \(shape.tableCount) tables; init wants an empty one"
            )
        }
        let session = try PostgresSession(
            conninfo: self.conninfo,
            settings: .writer(applicationName: "progress-server schema"),
            timeout: .seconds(10)
        )
        // One script is one transaction: all tables or none.
        try session.execute(AmpSchema.currentScript)
        return "created Amp's tables of era F"
    }

    private func shape() throws(PostgresError) -> CatalogShape {
        let limit = WaitLimit.after(.seconds(10))
        let connection = try PostgresConnection(
            conninfo: self.conninfo,
            settings: .reader(applicationName: "progress-server schema"),
            limit: limit,
            canceller: StatementCanceller(limit: 1)
        )
        return try connection.catalogShape(limit: limit)
    }
}

/// Why a schema command did not succeed.
struct SchemaCommandError: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String
}
