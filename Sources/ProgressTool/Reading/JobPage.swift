import FoundationEssentials

/// Some of the jobs of a list.
struct JobPage: Equatable, Sendable {
    private struct Document: Decodable {
        enum CodingKeys: String, CodingKey {
            case jobs
            case nextCursor = "next_cursor"
        }

        var jobs: [JobInfoDocument]
        var nextCursor: Int64?
    }

    var jobs: [JobInfo]
    /// What the next page begins after; `nil`: this is the last one.
    var nextCursor: Int64?
    /// The object that the API has of it.
    var json: [UInt8]

    /// - Throws: ``ToolError`` if the bytes are no body of `GET /jobs`.
    init(_ body: [UInt8]) throws(ToolError) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else {
            throw ToolError(.failure, "the answer is not a list of jobs")
        }
        let texts = jsonMember("jobs", of: body[...]).map(jsonPieces) ?? []
        guard texts.count == document.jobs.count else {
            throw ToolError(.failure, "the answer is not a list of jobs")
        }
        self.jobs = zip(document.jobs, texts).map { JobInfo($0, json: Array($1)) }
        self.nextCursor = document.nextCursor
        self.json = body
    }
}
