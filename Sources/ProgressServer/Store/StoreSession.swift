import ProgressPostgres

/// A session of the store, and what it found when it was opened.
struct StoreSession {
    let connection: PostgresConnection
    let era: SchemaEra
}
