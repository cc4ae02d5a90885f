import FoundationEssentials

/// The body of `GET /jobs/progress`.
struct JobBatchDocument: Decodable {
    /// Why one job has no answer.
    struct Failure: Decodable {
        enum CodingKeys: String, CodingKey {
            case jobID = "job_id"
            case code = "error_code"
            case message = "error_message"
        }

        var jobID: Int64
        var code: String
        var message: String

        /// What it means to the caller.
        var error: ToolError {
            self.code == "JOB_NOT_FOUND"
                ? ToolError(.notFound, self.message)
                : ToolError(.failure, "job \(self.jobID): \(self.code): \(self.message)")
        }
    }

    enum CodingKeys: String, CodingKey {
        case jobs
        case failures = "errors"
    }

    var jobs: [JobProgressDocument]
    var failures: [Failure]

    /// - Throws: ``ToolError`` if the bytes are no such body.
    init(_ body: [UInt8]) throws(ToolError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(body))
        } catch {
            throw ToolError(.failure, "the answer is not the progress of jobs")
        }
    }
}
