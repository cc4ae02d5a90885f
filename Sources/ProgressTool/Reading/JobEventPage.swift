import FoundationEssentials

/// Some of what happened to a job.
struct JobEventPage: Sendable {
    /// One event, without its detail.
    struct Event: Decodable, Equatable, Sendable {
        enum CodingKeys: String, CodingKey {
            case id
            case createdAt = "created_at"
            case nodeID = "node_id"
            case type = "event_type"
        }

        var id: Int64
        /// As RFC 3339.
        var createdAt: String
        var nodeID: String
        /// Such as `SCHEDULED`.
        var type: String
    }

    private struct Document: Decodable {
        enum CodingKeys: String, CodingKey {
            case events
            case nextCursor = "next_cursor"
        }

        var events: [Event]
        var nextCursor: Int64?
    }

    var events: [Event]
    /// What the next page begins after; `nil`: this is the last one.
    var nextCursor: Int64?
    /// The object that the API has of each.
    var eventTexts: [ArraySlice<UInt8>]
    /// The object that the API has of it.
    var json: [UInt8]

    /// - Throws: ``ToolError`` if the bytes are no body of `GET /jobs/{id}/events`.
    init(_ body: [UInt8]) throws(ToolError) {
        let texts = jsonMember("events", of: body[...]).map(jsonPieces) ?? []
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)),
            texts.count == document.events.count
        else {
            throw ToolError(.failure, "the answer is not a list of events")
        }
        self.events = document.events
        self.nextCursor = document.nextCursor
        self.eventTexts = texts
        self.json = body
    }
}
