import NIOCore
import ProgressRPC
import SwiftProtobuf

/// A method with the messages that it takes and gives.
struct UnaryMethod: Sendable {
    let method: Method
    private let encode: @Sendable (String) throws -> ByteBuffer
    private let decode: @Sendable (ByteBuffer) throws -> String

    static let all: [UnaryMethod] = [
        Self(.describe, PBDescribeRequest.self, PBDescribeResponse.self),
        Self(.health, PBHealthRequest.self, PBHealthResponse.self),
        Self(.stats, PBStatsRequest.self, PBStatsResponse.self),
        Self(
            method: .echo,
            encode: { ByteBuffer(string: $0) },
            decode: { String(buffer: $0) }
        ),
        Self(.getJobProgress, PBGetJobProgressRequest.self, PBJobProgress.self),
        Self(
            .getJobProgressBatch,
            PBGetJobProgressBatchRequest.self,
            PBGetJobProgressBatchResponse.self
        ),
        Self(.getJob, PBGetJobRequest.self, PBGetJobResponse.self),
        Self(.listJobs, PBListJobsRequest.self, PBListJobsResponse.self),
        Self(.listDatasetJobs, PBListDatasetJobsRequest.self, PBListDatasetJobsResponse.self),
        Self(.listJobEvents, PBListJobEventsRequest.self, PBListJobEventsResponse.self),
        Self(.getJobEvent, PBGetJobEventRequest.self, PBGetJobEventResponse.self),
    ]

    private init(
        method: Method,
        encode: @escaping @Sendable (String) throws -> ByteBuffer,
        decode: @escaping @Sendable (ByteBuffer) throws -> String
    ) {
        self.method = method
        self.encode = encode
        self.decode = decode
    }

    private init<Request: Message, Response: Message>(
        _ method: Method,
        _: Request.Type,
        _: Response.Type
    ) {
        self.init(
            method: method,
            encode: { text in
                ByteBuffer(bytes: try Request(jsonString: text).serializedBytes() as [UInt8])
            },
            decode: { buffer in
                try Response(serializedBytes: Array(buffer.readableBytesView)).jsonString()
            }
        )
    }

    /// - Throws: ``ToolError`` of status `usage` that lists the methods.
    init(named name: String) throws(ToolError) {
        guard let method = Method(name: name),
            let known = Self.all.first(where: { $0.method == method })
        else {
            throw ToolError(
                .usage,
                "there is no method '\(name)'",
                remedy: "there are \(Self.all.map(\.method.name).joined(separator: ", "))"
            )
        }
        self = known
    }

    /// The request that `json` describes, encoded.
    func request(_ json: String) throws(ToolError) -> ByteBuffer {
        do {
            return try self.encode(json)
        } catch {
            throw ToolError(
                .usage,
                "the request of \(self.method.name) is not right: \(problem(of: error))",
                remedy: "protocol/progress.proto has its fields"
            )
        }
    }

    /// An encoded answer as JSON.
    func text(of answer: ByteBuffer) throws(ToolError) -> String {
        do {
            return try self.decode(answer)
        } catch {
            throw ToolError(.failure, "the answer of \(self.method.name) cannot be decoded")
        }
    }
}

/// What is wrong with the JSON of a message.
private func problem(of error: any Error) -> String {
    switch error as? JSONDecodingError {
    case .unknownField(let name): "there is no field '\(name)'"
    case .numberRange, .malformedNumber, .leadingZero: "a number is out of range or malformed"
    case .unrecognizedEnumValue: "a name of an enumeration is unknown"
    case .schemaMismatch, .malformedBool, .malformedMap, .illegalNull:
        "a value is of another type than its field"
    case .truncated: "the JSON ends too early"
    case .trailingGarbage: "something follows the JSON"
    default: "it is no JSON object of that message"
    }
}
