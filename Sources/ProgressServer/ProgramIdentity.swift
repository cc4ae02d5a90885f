/// What this program calls itself.
struct ProgramIdentity: Sendable {
    var name: String
    var version: String

    static let server = Self(name: "progress-server", version: "0.1.0")
}
