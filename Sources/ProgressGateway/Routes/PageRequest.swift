/// Which part of a list a caller asks for.
struct PageRequest: Sendable {
    /// How a list is cut into pages.
    struct Bounds: Sendable {
        /// Rows of a page, if the caller does not say.
        var standard: UInt32
        /// Most rows of a page: that of the protocol.
        var most: UInt32
        /// What the query calls the last row of the page before.
        var cursorName: StaticString

        static let jobs = Self(standard: 50, most: 1_000, cursorName: "last_job_id")
        static let datasetJobs = Self(standard: 1_000, most: 1_000, cursorName: "last_job_id")
        static let jobEvents = Self(standard: 10_000, most: 10_000, cursorName: "last_event_id")
    }

    let bounds: Bounds
    /// Most rows of the page; `nil`: the caller did not say.
    let askedLimit: UInt32?
    /// The last row of the page before, from 1; 0: this is the first page.
    let cursor: Int64

    /// Most rows of the page.
    var limit: UInt32 { self.askedLimit ?? self.bounds.standard }

    /// - Throws: ``HTTPFailure`` 400 `LIMIT_INVALID`, `LIMIT_TOO_LARGE` or
    ///   `INVALID_QUERY_PARAMETERS`.
    init(_ query: RequestQuery, _ bounds: Bounds) throws(HTTPFailure) {
        self.bounds = bounds
        self.askedLimit = try Self.limit(query, bounds)
        let name = bounds.cursorName
        let value = try query.value(of: name, refusedAs: HTTPFailure.invalidQueryParameters)
        guard let value else {
            self.cursor = 0
            return
        }
        do {
            self.cursor = try RowNumber.parse(value, as: name)
        } catch {
            throw .invalidQueryParameters(
                "\(name) is '\(HTTPFailure.shown(value))'; it must be 1 to \(Int64.max)"
            )
        }
    }

    private static func limit(
        _ query: RequestQuery,
        _ bounds: Bounds
    ) throws(HTTPFailure) -> UInt32? {
        let value = try query.value(of: "limit", refusedAs: HTTPFailure.invalidQueryParameters)
        guard let value else { return nil }
        let message =
            "limit is '\(HTTPFailure.shown(value))'; it must be 1 to \(bounds.most)"
        // By Amp's rules, as other numbers: an optional sign, leading zeros allowed.
        let digits = value.first == UInt8(ascii: "+") ? value.dropFirst() : value[...]
        guard !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            throw .invalidQueryParameters(message)
        }
        // What has more digits than a number of 32 bits is too large as well.
        guard let limit = UInt32(String(decoding: digits, as: UTF8.self)), limit <= bounds.most
        else { throw .limitTooLarge(message) }
        guard limit > 0 else { throw .limitInvalid(message) }
        return limit
    }
}

extension PageRequest {
    /// Reads where the server says that the next page begins.
    ///
    /// - Returns: `nil`: there is none.
    /// - Throws: ``HTTPFailure`` 502 `BAD_GATEWAY` for what is no cursor.
    static func next(_ cursor: Int64) throws(HTTPFailure) -> Int64? {
        guard cursor >= 0 else { throw .badGateway.because("the server's cursor is \(cursor)") }
        return cursor == 0 ? nil : cursor
    }

    /// The target of the page that begins behind `cursor`, with the limit as asked.
    ///
    /// - Parameters:
    ///   - path: The path of the list.
    ///   - status: What the query has for `status`, percent-decoded; `nil`: nothing.
    func target(_ path: String, behind cursor: Int64, status: [UInt8]? = nil) -> String {
        var items: [String] = []
        if let limit = self.askedLimit { items.append("limit=\(limit)") }
        items.append("\(self.bounds.cursorName)=\(cursor)")
        if let status { items.append("status=\(PercentEncoding.encode(status))") }
        return "\(path)?\(items.joined(separator: "&"))"
    }
}
