import HTTPTypes
import HummingbirdCore
import NIOCore
import ProgressRPC
import Testing

@testable import ProgressGateway

struct HTTPFailureTests {
    struct Row: CustomTestStringConvertible {
        var error: RPCError
        var status: Int
        var code: String
        var retryAfter: String?

        init(
            _ rpc: RPCError.Code,
            _ reason: String,
            retryAfter delay: Duration? = nil,
            _ status: Int,
            _ code: String,
            _ retryAfter: String? = nil
        ) {
            self.error = RPCError(rpc, "the server's words", reason: reason, retryAfter: delay)
            self.status = status
            self.code = code
            self.retryAfter = retryAfter
        }

        var testDescription: String { "\(self.error.code) \(self.error.reason)" }
    }

    @Test(
        "Each failure of a call has its answer",
        arguments: [
            Row(.notFound, "JOB_NOT_FOUND", 404, "JOB_NOT_FOUND"),
            Row(.notFound, "", 404, "JOB_NOT_FOUND"),
            Row(.invalidArgument, "INVALID_JOB_ID", 400, "INVALID_JOB_ID"),
            Row(.invalidArgument, "", 502, "BAD_GATEWAY"),
            Row(.internalError, "GET_JOB_ERROR", 500, "GET_JOB_ERROR"),
            Row(.internalError, "GET_JOB_DETAIL_ERROR", 500, "GET_JOB_DETAIL_ERROR"),
            Row(.internalError, "GET_TABLES_ERROR", 500, "GET_TABLES_ERROR"),
            Row(.internalError, "GET_DATASET_ERROR", 500, "GET_DATASET_ERROR"),
            Row(.internalError, "GET_ACTIVE_REVISION_ERROR", 500, "GET_ACTIVE_REVISION_ERROR"),
            Row(.internalError, "SNAPSHOT_TABLE_ERROR", 500, "SNAPSHOT_TABLE_ERROR"),
            Row(
                .internalError,
                "MULTI_NETWORK_SEGMENTS_ERROR",
                500,
                "MULTI_NETWORK_SEGMENTS_ERROR"
            ),
            Row(.internalError, "BLOCK_NUMBER_OVERFLOW", 500, "BLOCK_NUMBER_OVERFLOW"),
            Row(.internalError, "LIST_JOBS_ERROR", 500, "LIST_JOBS_ERROR"),
            Row(.internalError, "GET_JOB_EVENTS_ERROR", 500, "GET_JOB_EVENTS_ERROR"),
            Row(.internalError, "GET_JOB_EVENT_ERROR", 500, "GET_JOB_EVENT_ERROR"),
            Row(.internalError, "RESOLVE_REVISION_ERROR", 500, "RESOLVE_REVISION_ERROR"),
            Row(.internalError, "SOMETHING_ELSE", 500, "INTERNAL_ERROR"),
            Row(.internalError, "", 500, "INTERNAL_ERROR"),
            Row(.unavailable, "DATABASE_UNAVAILABLE", 503, "SERVICE_UNAVAILABLE", "1"),
            Row(.unavailable, "DRAINING", retryAfter: .seconds(5), 503, "SERVICE_UNAVAILABLE", "5"),
            Row(.unavailable, "", retryAfter: .milliseconds(1500), 503, "SERVICE_UNAVAILABLE", "2"),
            Row(.unavailable, "", retryAfter: .zero, 503, "SERVICE_UNAVAILABLE", "1"),
            Row(.cancelled, "", 503, "SERVICE_UNAVAILABLE", "1"),
            Row(.resourceExhausted, "TOO_MANY_CALLS", 503, "OVERLOADED", "1"),
            Row(.deadlineExceeded, "", 504, "DEADLINE_EXCEEDED"),
            Row(.failedPrecondition, "UNSUPPORTED_DATABASE", 500, "UNSUPPORTED_DATABASE"),
            Row(.failedPrecondition, "", 502, "BAD_GATEWAY"),
            Row(.unauthenticated, "SCOPE_REQUIRED", 500, "INTERNAL_ERROR"),
            Row(.permissionDenied, "", 500, "INTERNAL_ERROR"),
            Row(.unimplemented, "", 502, "BAD_GATEWAY"),
            Row(.messageTooLarge, "", 502, "BAD_GATEWAY"),
            Row(.badCompression, "", 502, "BAD_GATEWAY"),
            Row(.badMessage, "", 502, "BAD_GATEWAY"),
            Row(.unknown, "", 502, "BAD_GATEWAY"),
            Row(RPCError.Code(rawValue: 999), "", 502, "BAD_GATEWAY"),
        ]
    )
    func mapping(_ row: Row) throws {
        let job = try JobID(segment: "42".utf8)
        let failure = HTTPFailure(row.error, for: job)
        #expect(failure.status.code == row.status)
        #expect(failure.code == row.code)
        #expect(failure.headers[.retryAfter] == row.retryAfter)
        #expect(!failure.message.contains("the server's words"))
        #expect(failure.reason?.contains("the server's words") == true)
    }

    @Test func aBodyHasTwoMembersAndEscapesBoth() {
        let failure = HTTPFailure.badRequest("a \"b\"\n")
        #expect(
            String(buffer: failure.body)
                == #"{"error_code":"BAD_REQUEST","error_message":"a \"b\"\n"}"#
        )
        #expect(failure.response.headers[.contentType] == "application/json")
        #expect(failure.response.headers[.cacheControl] == "no-store")
    }
}
