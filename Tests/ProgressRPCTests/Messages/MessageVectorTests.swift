import Foundation
import NIOCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressRPC

/// An entry of `protocol/vectors/messages.json`, but for its JSON, whose shape is the message's.
struct MessageVector: CustomTestStringConvertible, Sendable {
    var name: String
    var message: String
    var hex: String
    /// The message as proto3 JSON; `nil`: it cannot be decoded.
    var json: String?
    var isCanonical: Bool

    var testDescription: String { self.name }

    static let all: [MessageVector] = (try? Self.load()) ?? []

    private static func load() throws -> [MessageVector] {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../protocol/vectors/messages.json").standardized
        let file = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
        let entries = file?["vectors"] as? [[String: Any]] ?? []
        return try entries.map { entry in
            let expect = entry["expect"] as? [String: Any] ?? [:]
            let json = try expect["json"].map {
                String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
            }
            return MessageVector(
                name: entry["name"] as? String ?? "",
                message: entry["message"] as? String ?? "",
                hex: entry["hex"] as? String ?? "",
                json: json,
                isCanonical: expect["canonical"] as? Bool ?? false
            )
        }
    }
}

@Suite("protocol/vectors/messages.json")
struct MessageVectorTests {
    static let types: [any (SwiftProtobuf.Message & Sendable).Type] = [
        PBHello.self, PBWelcome.self, PBRequestMeta.self, PBScope.self, PBDatasetPattern.self,
        PBError.self, PBDescribeRequest.self, PBDescribeResponse.self, PBMethodDescription.self,
        PBHealthRequest.self, PBHealthResponse.self, PBStatsRequest.self, PBStatsResponse.self,
        PBMethodStats.self, PBGetJobProgressRequest.self, PBJobProgress.self,
        PBTableProgress.self, PBMoment.self, PBGetJobProgressBatchRequest.self, PBKnownJob.self,
        PBGetJobProgressBatchResponse.self, PBJobFailure.self, PBJob.self, PBGetJobRequest.self,
        PBGetJobResponse.self, PBListJobsRequest.self, PBListJobsResponse.self,
        PBListDatasetJobsRequest.self, PBListDatasetJobsResponse.self, PBJobEvent.self,
        PBListJobEventsRequest.self, PBListJobEventsResponse.self, PBGetJobEventRequest.self,
        PBGetJobEventResponse.self, PBJobOutlook.self, PBTableOutlook.self, PBBlockSpan.self,
        PBNetworkSpan.self, PBMissingRanges.self, PBUnreadableFiles.self, PBUnreadableFile.self,
    ]

    @Test("The file is there")
    func exists() {
        #expect(MessageVector.all.count > 100)
    }

    @Test("Each entry is understood as written", arguments: MessageVector.all)
    func entry(_ vector: MessageVector) throws {
        let type = try #require(
            Self.types.first { $0.protoMessageName == "progress.v1.\(vector.message)" }
        )
        try Self.check(type, vector)
    }

    static func check<Message: SwiftProtobuf.Message>(
        _ type: Message.Type,
        _ vector: MessageVector
    ) throws {
        let bytes = ByteBuffer(bytes: try #require(ProtocolVectors.bytes(vector.hex)))
        guard let json = vector.json else {
            #expect(throws: RPCError.self) { try Message(decoding: bytes) }
            return
        }
        let found = try Message(decoding: bytes)
        var options = JSONDecodingOptions()
        options.ignoreUnknownFields = true
        let expected = try Message(jsonString: json, options: options)
        // Through JSON, which leaves out the unknown fields that a message carries along.
        var ordered = JSONEncodingOptions()
        ordered.useDeterministicOrdering = true
        #expect(
            try found.jsonString(options: ordered) == expected.jsonString(options: ordered)
        )
        if vector.isCanonical {
            let encoded = try found.encoded()
            #expect(encoded == bytes)
        }
    }
}
