/// Which jobs of a list are wanted, by their status.
package struct JobStatusFilter: Equatable, Sendable {
    /// A word that is no status.
    package struct UnknownWord: Error {
        package var word: String
    }

    package static let active = Self(statuses: JobStatus.active)
    package static let all = Self(statuses: [])

    /// Each once; empty: every one.
    package let statuses: [JobStatus]

    private init(statuses: [JobStatus]) { self.statuses = statuses }

    /// Reads `active`, `all` or statuses with commas between them, in any letter case and with
    /// blanks around them.
    ///
    /// - Throws: ``UnknownWord``, as it was written.
    package init(parsing text: String) throws(UnknownWord) {
        let words = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map(Self.trimmed)
        switch words.map(Self.upperCased) {
        case ["ACTIVE"]: self = .active
        case ["ALL"]: self = .all
        default:
            var statuses: [JobStatus] = []
            for word in words {
                guard let status = JobStatus(listed: Self.upperCased(word)) else {
                    throw UnknownWord(word: String(Substring(word)))
                }
                if !statuses.contains(status) { statuses.append(status) }
            }
            self.statuses = statuses
        }
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        let isBlank = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte }
        let rest = text.drop(while: isBlank)
        return rest.dropLast(rest.reversed().prefix(while: isBlank).count)
    }

    /// Only letters of ASCII have a case here: others would turn into letters that count.
    private static func upperCased(_ text: Substring.UTF8View) -> String {
        String(decoding: text.map { 0x61...0x7A ~= $0 ? $0 - 0x20 : $0 }, as: UTF8.self)
    }
}
