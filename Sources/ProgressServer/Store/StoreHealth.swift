/// Whether the database can be asked.
struct StoreHealth: Equatable, Sendable {
    enum Database: String, Sendable {
        case connected
        case unreachable
        case unsupported
    }

    var database: Database
    /// `nil` until known.
    var era: SchemaEra?
}
