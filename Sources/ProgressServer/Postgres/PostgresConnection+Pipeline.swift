import CLibPQ

extension PostgresConnection {
    /// Runs statements in one round trip and hands over their rows as they arrive.
    ///
    /// Statements not yet prepared are prepared on the way. When one fails, those behind it are
    /// skipped; a transaction that was open is then left failed, for ``rollBack(limit:)``.
    ///
    /// - Parameter row: Called with the index of the query and the row. If it throws, the rest of
    ///   the rows is dropped and its error is thrown.
    /// - Throws: ``PostgresError``; its `statementIndex` tells which query failed.
    package func run(
        _ queries: [Query],
        limit: WaitLimit,
        row: (Int, borrowing Row) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        guard self.isUsable else { throw self.lost("the session was abandoned before") }
        guard unsafe PQenterPipelineMode(self.handle) == 1 else { throw self.lost() }
        let steps = try self.send(queries)
        var firstFailure: PostgresError?
        for step in steps {
            do throws(PostgresError) {
                try self.receive(step, limit: limit, isSkipping: firstFailure != nil, row: row)
            } catch {
                guard self.isUsable else {
                    throw firstFailure.map { self.preferred($0, over: error) } ?? error
                }
                firstFailure = firstFailure ?? error
            }
        }
        try self.receiveSync(limit: limit)
        guard unsafe PQexitPipelineMode(self.handle) == 1 else { throw self.lost() }
        if let firstFailure { throw firstFailure }
    }

    /// Ends a transaction that a failure left open.
    package func rollBack(limit: WaitLimit) throws(PostgresError) {
        try self.run(script: "ROLLBACK", limit: limit)
    }

    /// Forgets all prepared statements, so that each is prepared anew at its next use.
    package func deallocateStatements(limit: WaitLimit) throws(PostgresError) {
        self.preparedNames = []
        try self.run(script: "DEALLOCATE ALL", limit: limit)
    }

    /// Forgets prepared statements that are of no more use; those that were not prepared are passed over.
    package func deallocate(_ statements: [Statement], limit: WaitLimit) throws(PostgresError) {
        let names = statements.map(\.name).filter { self.preparedNames.remove($0) != nil }
        guard !names.isEmpty else { return }
        try self.run(
            script: names.map { "DEALLOCATE \($0)" }.joined(separator: "; "),
            limit: limit
        )
    }

    private func send(_ queries: [Query]) throws(PostgresError) -> [PipelineStep] {
        var steps: [PipelineStep] = []
        var prepared = self.preparedNames
        for (index, query) in queries.enumerated() {
            let statement = query.statement
            let parameters = EncodedParameters(query.parameters)
            if prepared.insert(statement.name).inserted {
                guard unsafe parameters.prepare(statement, on: self.handle) else {
                    throw self.lost()
                }
                steps.append(.prepare(statement, queryIndex: index))
            }
            guard unsafe parameters.send(statement, on: self.handle) else { throw self.lost() }
            steps.append(.execute(statement, queryIndex: index))
        }
        guard unsafe PQpipelineSync(self.handle) == 1 else { throw self.lost() }
        return steps
    }

    /// Reads all results of one step, up to the NULL that ends them.
    private func receive(
        _ step: PipelineStep,
        limit: WaitLimit,
        isSkipping: Bool,
        row: (Int, borrowing Row) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        // libpq wants to be told before it parses the first row.
        if step.isStreamed { _ = unsafe PQsetSingleRowMode(self.handle) }
        var failure: PostgresError?
        while let result = try unsafe self.nextResult(limit: limit) {
            defer { unsafe PQclear(result) }
            switch unsafe PQresultStatus(result) {
            case PGRES_COMMAND_OK:
                if case .prepare(let statement, _) = step {
                    self.preparedNames.insert(statement.name)
                }
            case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE:
                guard failure == nil, !isSkipping else { continue }
                do throws(PostgresError) {
                    for index in unsafe 0..<PQntuples(result) {
                        try row(step.queryIndex, unsafe Row(result: result, index: index))
                    }
                } catch {
                    // There may be many more rows, for which there is no room.
                    if error.kind == .resourceExhausted { throw self.abandoned(for: error) }
                    failure = error
                }
            case PGRES_PIPELINE_ABORTED:
                break
            default:
                var error = unsafe self.failure(of: result)
                error.statementIndex = step.queryIndex
                failure = failure ?? error
                if !self.isUsable { throw error }
            }
        }
        if let failure { throw failure }
    }

    private func receiveSync(limit: WaitLimit) throws(PostgresError) {
        guard let result = try unsafe self.nextResult(limit: limit) else {
            throw self.lost("the pipeline ended without its sync point")
        }
        defer { unsafe PQclear(result) }
        guard unsafe PQresultStatus(result) == PGRES_PIPELINE_SYNC else {
            _ = unsafe self.failure(of: result)
            throw self.lost()
        }
    }

    /// A session that dies tells why before it goes: that reason is worth more than the silence after.
    private func preferred(_ first: PostgresError, over last: PostgresError) -> PostgresError {
        first.kind == .connectionLost ? first : last
    }
}

/// What was sent, in order: each has its own results.
private enum PipelineStep {
    case prepare(Statement, queryIndex: Int)
    case execute(Statement, queryIndex: Int)

    var queryIndex: Int {
        switch self {
        case .prepare(_, let queryIndex), .execute(_, let queryIndex): queryIndex
        }
    }

    var isStreamed: Bool {
        switch self {
        case .prepare: false
        case .execute(let statement, _): statement.isStreamed
        }
    }
}
