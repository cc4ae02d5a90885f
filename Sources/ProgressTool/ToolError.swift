/// Why a command failed: one line on what was found, and if it helps a second on what to do.
struct ToolError: Error, Equatable, Sendable {
    var status: CommandStatus
    /// What was found, in lower case and without a full stop.
    var message: String
    /// What to do about it; `nil` if the message says it all.
    var remedy: String?

    init(_ status: CommandStatus, _ message: String, remedy: String? = nil) {
        self.status = status
        self.message = message
        self.remedy = remedy
    }
}
