import NIOCore
import TestSupport
import Testing

@testable import ProgressRPC

/// An entry of `protocol/vectors/handshake.json`.
struct HandshakeVector: Decodable, CustomTestStringConvertible, Sendable {
    struct File: Decodable, Sendable {
        struct Receiver: Decodable, Sendable {
            var features: String
            var clockId: String
        }

        var receiverHas: Receiver
        var vectors: [HandshakeVector]
    }

    struct Expectation: Decodable, Sendable {
        var outcome: String
        var code: UInt16?
        var version: UInt16?
        var features: String?
    }

    var name: String
    var receiver: String
    var code: UInt16?
    var hex: String
    var expect: Expectation

    var testDescription: String { self.name }

    static let file = try? ProtocolVectors.load("handshake.json", as: File.self)
    static var all: [HandshakeVector] { self.file?.vectors ?? [] }
}

@Suite("protocol/vectors/handshake.json")
struct HandshakeVectorTests {
    @Test("The file is there")
    func exists() {
        #expect(HandshakeVector.all.count > 40)
    }

    @Test("Each entry is understood as written", arguments: HandshakeVector.all)
    func entry(_ vector: HandshakeVector) throws {
        let receiver = try #require(HandshakeVector.file?.receiverHas)
        let features = Features(rawValue: try #require(UInt64(receiver.features)))
        let clockID = try #require(ProtocolVectors.bytes(receiver.clockId))
        let payload = ByteBuffer(bytes: try #require(ProtocolVectors.bytes(vector.hex)))
        let found: (String, UInt16?, Agreement?)
        if vector.receiver == "server" {
            let policy = HandshakePolicy(features: features, clockID: clockID)
            var state = ServerConnectionState<CallID>.awaitingHello
            let frame = Frames.frame(.hello, payload)
            switch state.frameReceived(frame, policy: policy, makeCall: { call, _ in call.id }) {
            case .welcome(let agreement): found = ("accepted", nil, agreement)
            case .refuseConnection(let error): found = ("refused", error.code.rawValue, nil)
            default: found = ("something else", nil, nil)
            }
        } else {
            var state = ClientConnectionState<CallID>.awaitingWelcome
            let frame = Frames.frame(.welcome, code: vector.code ?? 0, payload)
            switch state.frameReceived(frame, offered: features) {
            case .opened(let agreement, _): found = ("accepted", nil, agreement)
            case .refused(let error): found = ("refused", error.code.rawValue, nil)
            case .fail: found = ("protocol_error", nil, nil)
            default: found = ("something else", nil, nil)
            }
        }
        #expect(found.0 == vector.expect.outcome)
        #expect(found.1 == vector.expect.code)
        #expect(found.2?.version == vector.expect.version)
        #expect((found.2?.features.rawValue).map { "\($0)" } == vector.expect.features)
    }
}
