import FoundationEssentials

/// The body of `GET /whoami`.
struct CallerDocument: Decodable {
    enum CodingKeys: String, CodingKey {
        case principal
        case scopes
        case expiresAt = "expires_at"
    }

    /// How long before its end a token is worth a warning, in seconds (7 days).
    static let noticePeriod: TimeInterval = 7 * 86_400

    var principal: String
    var scopes: [String]
    /// RFC 3339 in UTC; `nil`: never.
    var expiresAt: String?

    init(_ body: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(body))
    }

    /// Who asks, what it may do, and for how long.
    func finding(now: Date) -> Finding {
        let scopes = self.scopes.isEmpty ? "no scopes" : self.scopes.joined(separator: " ")
        let end = self.expiresAt.map { "until \($0)" } ?? "without end"
        let caller = "\(self.principal), \(scopes)"
        guard let expiry = self.expiresAt.flatMap(Self.date) else {
            return Finding(.ok, "token", "\(caller), \(end)")
        }
        let remedy = "'progressctl token create' makes the next one"
        let left = expiry.timeIntervalSince(now)
        if left < 0 {
            return Finding(.fail, "token", "\(caller), was valid \(end)", remedy: remedy)
        }
        let isEnding = left < Self.noticePeriod
        return Finding(
            isEnding ? .warn : .ok,
            "token",
            "\(caller), \(end)",
            remedy: isEnding ? remedy : nil
        )
    }

    /// The whole second of a time; `nil` for what is no time, or of a year beyond four digits.
    private static func date(_ text: String) -> Date? {
        guard let match = text.wholeMatch(of: /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(\+00:00|Z)/)
        else { return nil }
        return try? Date("\(match.1)Z", strategy: .iso8601)
    }
}
