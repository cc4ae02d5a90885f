/// What one check of `doctor` came to.
struct Finding: Encodable, Equatable, Sendable {
    enum Level: String, Encodable, Sendable {
        case ok
        /// It works, but somebody should look at it.
        case warn
        case fail
    }

    enum CodingKeys: String, CodingKey {
        case level = "status"
        case subject = "check"
        case found
        case remedy
        case row
    }

    /// A row of `file_metadata`.
    struct Row: Encodable, Equatable, Sendable {
        enum CodingKeys: String, CodingKey {
            case jobID = "job_id"
            case table
            case fileID = "file_id"
        }

        var jobID: Int64
        var table: String
        var fileID: Int64
    }

    var level: Level
    /// What was looked at, one word.
    var subject: String
    /// In lower case and without a full stop.
    var found: String
    /// What to do about it, or could be done.
    var remedy: String?
    /// The row that it is about, if it is about one.
    var row: Row?

    init(_ level: Level, _ subject: String, _ found: String, remedy: String? = nil) {
        self.level = level
        self.subject = subject
        self.found = found
        self.remedy = remedy
    }

    /// A check that could not be made, for the reason of `error`.
    init(_ subject: String, failing error: ToolError) {
        self.init(.fail, subject, error.message, remedy: error.remedy)
    }

    /// `warn  clock: theirs is 3.0 s ahead of ours; …`.
    var line: String {
        let level = self.level.rawValue
        let gap = String(repeating: " ", count: 6 - level.count)
        let text = [self.found, self.remedy].compactMap(\.self).joined(separator: "; ")
        return "\(level)\(gap)\(self.subject): \(printable(text))"
    }
}
