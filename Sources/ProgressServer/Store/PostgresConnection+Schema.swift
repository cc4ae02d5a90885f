import ProgressPostgres

extension PostgresConnection {
    /// Reads what the catalog shows of Amp.
    func catalogShape(limit: WaitLimit) throws(PostgresError) -> CatalogShape {
        let query = Query(
            Statements.catalogShape,
            [
                .texts(CatalogShape.relevantTables), .texts(CatalogShape.relevantColumns),
                .texts(CatalogShape.currentTables),
            ]
        )
        var shape: CatalogShape?
        try self.run([query], limit: limit) { _, row throws(PostgresError) in
            shape = CatalogShape(
                tables: names(row.stringIfPresent(0)),
                columns: names(row.stringIfPresent(1)),
                unreadableTables: names(row.stringIfPresent(2)),
                tableCount: try row.int64(3),
                isStandby: try row.bool(4)
            )
        }
        guard let shape else { throw PostgresError(.invalidValue, "the catalog gave no answer") }
        return shape
    }
}

private func names(_ list: String?) -> Set<String> {
    Set((list ?? "").split(separator: ",").map(String.init))
}
