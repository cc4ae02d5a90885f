import HTTPTypes
import Hummingbird
import ProgressJSON

/// An answer that is not a success: what the caller reads, and what only the log says.
struct HTTPFailure: Error, Equatable, Sendable {
    var status: HTTPResponse.Status
    /// A stable token such as `JOB_NOT_FOUND`.
    var code: String
    /// For a person; holds no SQL, path, host or token, and nothing that tells hidden from absent.
    var message: String
    /// Header fields beyond those of every answer.
    var headers: HTTPFields = [:]
    /// Why, for the log alone; `nil` if the code says it all.
    var reason: String?

    /// The same failure with `reason` in the log.
    func because(_ reason: String) -> Self {
        var failure = self
        failure.reason = reason
        return failure
    }

    /// The JSON object `{"error_code":"…","error_message":"…"}`.
    var body: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(self.message.utf8.count + 64)
        buffer.writeStaticString(#"{"error_code":"#)
        buffer.writeJSON(self.code)
        buffer.writeStaticString(#","error_message":"#)
        buffer.writeJSON(self.message)
        buffer.writeStaticString("}")
        return buffer
    }

    var response: Response {
        var headers = self.headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(status: self.status, headers: headers, body: .init(byteBuffer: self.body))
    }
}

extension HTTPFailure {
    /// Most bytes of what a caller sent that a message repeats.
    private static let shownByteCount = 64

    /// What a caller sent, as a message repeats it.
    static func shown(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(Self.shownByteCount), as: UTF8.self)
        return bytes.count > Self.shownByteCount ? text + "…" : text
    }

    static func badRequest(_ message: String) -> Self {
        Self(status: .badRequest, code: "BAD_REQUEST", message: message)
    }

    static let notFound = Self(
        status: .notFound,
        code: "NOT_FOUND",
        message: "there is nothing at this path"
    )

    static let methodNotAllowed = Self(
        status: .methodNotAllowed,
        code: "METHOD_NOT_ALLOWED",
        message: "this path answers GET and HEAD",
        headers: [.allow: "GET, HEAD"]
    )

    static let overloaded = Self(
        status: .serviceUnavailable,
        code: "OVERLOADED",
        message: "too many requests at once; try again",
        headers: [.retryAfter: "1"]
    )

    static let internalError = Self(
        status: .internalServerError,
        code: "INTERNAL_ERROR",
        message: "the request could not be answered"
    )

    static let badGateway = Self(
        status: .badGateway,
        code: "BAD_GATEWAY",
        message: "the progress server's answer could not be used"
    )

    static func invalidJobID(_ message: String) -> Self {
        Self(
            status: .badRequest,
            code: "INVALID_JOB_ID",
            message: "invalid job ID: \(message)"
        )
    }

    /// A job that does not exist, or that the caller may not see: nothing tells one from the other.
    static func jobNotFound(_ id: JobID) -> Self {
        Self(status: .notFound, code: "JOB_NOT_FOUND", message: "job '\(id)' not found")
    }

    /// An event that its job does not have.
    static func eventNotFound(_ id: EventID, of job: JobID) -> Self {
        Self(
            status: .notFound,
            code: "EVENT_NOT_FOUND",
            message: "event '\(id)' of job '\(job)' not found"
        )
    }

    /// A dataset or a revision that does not exist, or that the caller may not see.
    static func datasetNotFound(_ dataset: DatasetReference) -> Self {
        Self(
            status: .notFound,
            code: "DATASET_NOT_FOUND",
            message: "dataset '\(dataset)' not found"
        )
    }

    /// Segments of a path of which one is no number; the code is Amp's.
    static func invalidPathParameters(_ message: String) -> Self {
        Self(
            status: .badRequest,
            code: "INVALID_JOB_ID",
            message: "invalid path parameters: \(message)"
        )
    }

    static func invalidPath(_ message: String) -> Self {
        Self(status: .badRequest, code: "INVALID_PATH", message: message)
    }

    static func invalidQueryParameters(_ message: String) -> Self {
        Self(status: .badRequest, code: "INVALID_QUERY_PARAMETERS", message: message)
    }

    /// A page of no rows.
    static func limitInvalid(_ message: String) -> Self {
        Self(status: .badRequest, code: "LIMIT_INVALID", message: message)
    }

    /// A page of more rows, or of more bytes, than there may be.
    static func limitTooLarge(_ message: String) -> Self {
        Self(status: .badRequest, code: "LIMIT_TOO_LARGE", message: message)
    }

    static let scopeViolation = Self(
        status: .internalServerError,
        code: "SCOPE_VIOLATION",
        message: "the answer was withheld"
    )
}
