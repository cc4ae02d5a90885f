import ProgressJSON
import ProgressRPC

/// The items of a query that this API knows.
extension RequestQuery {
    /// Whether the caller wants to wait for a change; what is wrong with it shows later.
    var asksToWait: Bool { self.contains("wait") }

    /// How long to wait for another answer; `nil`: not at all.
    ///
    /// - Throws: ``HTTPFailure`` 400 `BAD_REQUEST`
    func wait() throws(HTTPFailure) -> Duration? {
        guard let value = try self.value(of: "wait") else { return nil }
        guard let seconds = Self.wholeNumber(value[...], digits: 2),
            1...GatewayLimits.longestWait ~= seconds
        else {
            throw .badRequest(
                "wait is '\(HTTPFailure.shown(value))'; it must be a whole number of seconds from 1 "
                    + "to \(GatewayLimits.longestWait)"
            )
        }
        return .seconds(seconds)
    }

    /// How much older than the request the answer may be; 0 if the query does not say.
    ///
    /// - Throws: ``HTTPFailure`` 400 `BAD_REQUEST`
    func maxStaleness() throws(HTTPFailure) -> Duration {
        guard let value = try self.value(of: "max_staleness") else { return .zero }
        guard let milliseconds = Self.milliseconds(value),
            milliseconds <= GatewayLimits.longestStaleness * 1_000
        else {
            throw .badRequest(
                "max_staleness is '\(HTTPFailure.shown(value))'; it must be seconds from 0 to "
                    + "\(GatewayLimits.longestStaleness), with at most three decimals, such as 0.5"
            )
        }
        return .milliseconds(milliseconds)
    }

    /// What more to tell of a job than its progress; `nil` if the query does not ask.
    ///
    /// - Throws: ``HTTPFailure`` 400 `BAD_REQUEST`
    func include() throws(HTTPFailure) -> OutlookParts? {
        guard let value = try self.value(of: "include") else { return nil }
        var parts: OutlookParts = []
        for text in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let known = OutlookParts.words.first(where: { $0.word.utf8.elementsEqual(text) }),
                parts.insert(known.part).inserted
            else {
                throw .badRequest(
                    "include is '\(HTTPFailure.shown(value))'; it must be "
                        + OutlookParts.words.map(\.word).joined(separator: " or ")
                        + ", or both with a comma between them"
                )
            }
        }
        for other in ["wait", "max_staleness"] as [StaticString] where self.contains(other) {
            throw .badRequest("include and \(other) exclude each other; give one of them")
        }
        return parts
    }

    /// The jobs asked about, each once, in the order of the query.
    ///
    /// - Throws: ``HTTPFailure`` 400 `BAD_REQUEST` or, for an id that is none, `INVALID_JOB_ID`.
    func jobIDs() throws(HTTPFailure) -> [JobID] {
        let allowed = "1 to \(Limits.batchJobs) job ids with commas between them"
        guard let value = try self.value(of: "ids") else {
            throw .badRequest("ids is missing; it must be \(allowed)")
        }
        let texts = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard !value.isEmpty, texts.count <= Limits.batchJobs else {
            throw .badRequest(
                "ids has \(value.isEmpty ? 0 : texts.count) jobs; it must be \(allowed)"
            )
        }
        var ids: [JobID] = []
        var seen: Set<Int64> = []
        for text in texts {
            let id = try JobID(decoded: Array(text))
            guard seen.insert(id.rawValue).inserted else {
                throw .badRequest("ids has job \(id) twice; it must be \(allowed), each once")
            }
            ids.append(id)
        }
        return ids
    }

    /// Seconds with up to three decimals, as milliseconds; `nil` for anything else.
    private static func milliseconds(_ text: [UInt8]) -> Int? {
        let whole = text.prefix { $0 != UInt8(ascii: ".") }
        let decimals = text.dropFirst(whole.count + 1)
        guard let seconds = Self.wholeNumber(whole, digits: 4) else { return nil }
        guard whole.count < text.count else { return seconds * 1_000 }
        guard let part = Self.wholeNumber(decimals, digits: 3) else { return nil }
        return seconds * 1_000 + part * [100, 10, 1][decimals.count - 1]
    }

    /// Up to so many digits and nothing else.
    private static func wholeNumber(_ text: ArraySlice<UInt8>, digits: Int) -> Int? {
        guard 1...digits ~= text.count, text.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
