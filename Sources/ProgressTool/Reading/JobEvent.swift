import FoundationEssentials
import ProgressJSON

/// Something that happened to a job.
struct JobEvent: Equatable, Sendable {
    private struct Document: Decodable {
        enum CodingKeys: String, CodingKey {
            case id
            case jobID = "job_id"
            case createdAt = "created_at"
            case nodeID = "node_id"
            case type = "event_type"
            case detail
        }

        var id: Int64
        var jobID: Int64
        var createdAt: String
        var nodeID: String
        var type: String
        var detail: JSONValue?
    }

    var id: Int64
    var jobID: Int64
    /// As RFC 3339.
    var createdAt: String
    var nodeID: String
    /// Such as `SCHEDULED`.
    var type: String
    /// As JSON; `nil` if there is none.
    var detail: [UInt8]?
    /// The object that the API has of it.
    var json: [UInt8]

    /// - Throws: ``ToolError`` if the bytes are no body of `GET /jobs/{id}/events/{event_id}`.
    init(_ body: [UInt8]) throws(ToolError) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else {
            throw ToolError(.failure, "the answer is not an event of a job")
        }
        self.id = document.id
        self.jobID = document.jobID
        self.createdAt = document.createdAt
        self.nodeID = document.nodeID
        self.type = document.type
        self.detail =
            document.detail == nil ? nil : jsonMember("detail", of: body[...]).map(Array.init)
        self.json = body
    }
}
