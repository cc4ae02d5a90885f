import NIOCore
import TestSupport
import Testing

@testable import ProgressRPC

/// An entry of `protocol/vectors/frames.json`.
struct FrameVector: Decodable, CustomTestStringConvertible, Sendable {
    struct File: Decodable {
        var vectors: [FrameVector]
    }

    struct Expectation: Decodable, Sendable {
        struct Frame: Decodable, Sendable {
            var type: UInt8
            var flags: UInt8
            var code: UInt16
            var callId: String
            var payload: String
        }

        var frames: [Frame]
        var ignored: Int
        var incomplete: Int
        var error: String?
    }

    var name: String
    var receiver: String
    var maxRecv: Int
    var features: String
    var hex: String
    var expect: Expectation

    var testDescription: String { self.name }

    static let all: [FrameVector] =
        (try? ProtocolVectors.load("frames.json", as: File.self).vectors) ?? []
}

@Suite("protocol/vectors/frames.json")
struct FrameVectorTests {
    @Test("The file is there")
    func exists() {
        #expect(FrameVector.all.count > 100)
    }

    @Test("Each entry is understood as written", arguments: FrameVector.all)
    func entry(_ vector: FrameVector) throws {
        let roles = vector.receiver == "any" ? ["server", "client"] : [vector.receiver]
        for role in roles {
            let (frames, ignored, incomplete, error) = try Self.receive(vector, as: role)
            #expect(ignored == vector.expect.ignored)
            #expect(incomplete == vector.expect.incomplete)
            #expect(error == vector.expect.error)
            #expect(frames.count == vector.expect.frames.count)
            for (frame, expected) in zip(frames, vector.expect.frames) {
                #expect(frame.header.type.rawValue == expected.type)
                #expect(frame.header.flags.rawValue == expected.flags)
                #expect(frame.header.code == expected.code)
                #expect("\(frame.header.callID.rawValue)" == expected.callId)
                let payload = try #require(ProtocolVectors.bytes(expected.payload))
                #expect(Array(frame.payload.readableBytesView) == payload)
            }
        }
    }

    /// Cuts the bytes and applies the rules of a role to each frame, as its state machine does.
    static func receive(
        _ vector: FrameVector,
        as role: String
    ) throws -> (frames: [Frame], ignored: Int, incomplete: Int, error: String?) {
        let bytes = try #require(ProtocolVectors.bytes(vector.hex))
        let features = Features(rawValue: try #require(UInt64(vector.features)))
        var decoder = FrameDecoder(receiveByteCount: vector.maxRecv)
        decoder.append(ByteBuffer(bytes: bytes))
        var frames: [Frame] = []
        var ignored = 0
        var used = 0
        do throws(WireError) {
            while let frame = try decoder.next() {
                used += FrameHeader.byteCount + frame.payload.readableBytes
                if try Self.isIgnored(frame, by: role, features) {
                    ignored += 1
                } else {
                    frames.append(frame)
                }
            }
        } catch {
            let name =
                error.code == .payloadTooLarge ? "payload_too_large" : "protocol_error"
            return (frames, ignored, 0, name)
        }
        return (frames, ignored, bytes.count - used, nil)
    }

    /// What the frame layer makes of a frame: the rules of its header and fixed part, and the types
    /// that a role accepts at all.
    static func isIgnored(
        _ frame: Frame,
        by role: String,
        _ features: Features
    ) throws(WireError) -> Bool {
        let type = frame.header.type
        if role == "server", type == .hello {
            try frame.header.checkFields()
            return false
        }
        if role == "client", type == .welcome {
            try frame.header.checkFields()
            return false
        }
        let agreement = Agreement(
            version: 1,
            features: features,
            peerReceiveByteCount: 1_024,
            callsInFlight: 1_000
        )
        if role == "server" {
            var state = ServerConnectionState<CallID>.open(agreement, calls: [:])
            let policy = HandshakePolicy(features: [], clockID: [])
            let action = state.frameReceived(frame, policy: policy) { call, _ in call.id }
            if case .fail(let error) = action { throw error }
        } else {
            let id = frame.header.callID
            var state = ClientConnectionState<String>.open(
                agreement,
                calls: [id: .some("call")],
                lastID: id.rawValue
            )
            if case .fail(let error) = state.frameReceived(frame, offered: features) { throw error }
        }
        return type.isIgnorable
    }
}
