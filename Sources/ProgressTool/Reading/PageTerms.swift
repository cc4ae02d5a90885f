/// Which part of a list to read.
struct PageTerms: Equatable, Sendable {
    /// Most jobs, or events, that one request may ask for.
    static let jobRange = 1...1_000
    static let eventRange = 1...10_000

    /// `nil`: as many as whoever answers gives unless told otherwise.
    var limit: Int?
    /// What the page before ended with; `nil`: from the beginning.
    var after: Int64?

    /// The limit as the protocol has it: 0 for none.
    var protocolLimit: UInt32 { self.limit.map { UInt32(clamping: $0) } ?? 0 }

    /// The query of a request, with its `?`; empty if there is nothing to say.
    ///
    /// - Parameters:
    ///   - cursor: Its name for what the page before ended with.
    ///   - items: What else the query has.
    func query(cursor: String, _ items: String...) -> String {
        var parts: [String] = []
        if let limit = self.limit { parts.append("limit=\(limit)") }
        if let after = self.after { parts.append("\(cursor)=\(after)") }
        parts += items
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }
}
