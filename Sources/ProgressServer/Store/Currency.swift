/// How what is held is kept current.
enum Currency: String, Sendable {
    /// The change log tells what moved.
    case log
    /// The versions of the rows are compared.
    case scan
}
