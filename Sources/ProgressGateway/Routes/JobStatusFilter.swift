/// Which jobs of a list a caller wants, by their status.
struct JobStatusFilter: Equatable, Sendable {
    /// The statuses of jobs that may still do something.
    static let active = ["SCHEDULED", "RUNNING", "STOP_REQUESTED", "STOPPING"]
    /// All that a caller may ask for; the last three are those of older databases.
    static let known =
        Self.active + [
            "STOPPED", "COMPLETED", "ERROR", "FATAL", "FAILED", "FAILED_RECOVERABLE",
            "FAILED_FATAL",
        ]

    /// The statuses, each once; empty: every one.
    let statuses: [String]

    /// Reads `active`, `all` or statuses with commas between them, in any letter case and with
    /// blanks around them.
    ///
    /// - Parameter value: Percent-decoded; `nil`: the jobs that are active.
    /// - Throws: ``HTTPFailure`` 400 `INVALID_QUERY_PARAMETERS`.
    init(parsing value: [UInt8]?) throws(HTTPFailure) {
        guard let value else {
            self.statuses = Self.active
            return
        }
        let words = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { Self.upperCased(Self.trimmed($0)) }
        switch words {
        case ["ACTIVE"]: self.statuses = Self.active
        case ["ALL"]: self.statuses = []
        default:
            var statuses: [String] = []
            for word in words {
                guard let status = Self.known.first(where: { $0.utf8.elementsEqual(word.utf8) })
                else { throw Self.unknown(word) }
                if !statuses.contains(status) { statuses.append(status) }
            }
            self.statuses = statuses
        }
    }

    private static func unknown(_ word: String) -> HTTPFailure {
        .invalidQueryParameters(
            "status has '\(HTTPFailure.shown(Array(word.utf8)))'; it must be active, all, or "
                + "with commas between them: \(Self.known.joined(separator: ", "))"
        )
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte }
        guard let last = text.lastIndex(where: { !isBlank($0) }) else { return [] }
        return text[...last].drop(while: isBlank)
    }

    /// Only letters of ASCII have a case here: others would turn into letters that count.
    private static func upperCased(_ text: ArraySlice<UInt8>) -> String {
        String(decoding: text.map { 0x61...0x7A ~= $0 ? $0 - 0x20 : $0 }, as: UTF8.self)
    }
}
