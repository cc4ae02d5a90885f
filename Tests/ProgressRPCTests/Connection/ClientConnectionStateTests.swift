import NIOCore
import SwiftProtobuf
import Testing

@testable import ProgressRPC

@Suite("What a client's connection does: protocol/SPEC.md, section 11")
struct ClientConnectionStateTests {
    typealias State = ClientConnectionState<String>

    enum Kind: Equatable {
        case opened
        case refused(RPCError.Code)
        case complete(String, isDrained: Bool)
        case drop(isDrained: Bool)
        case pong
        case stopSending(isDrained: Bool)
        case ignore
        case fail
    }

    static func receive(_ frame: Frame, _ state: inout State) -> Kind {
        switch state.frameReceived(frame, offered: [.lz4, .clock]) {
        case .opened: .opened
        case .refused(let error): .refused(error.code)
        case .complete(let call, _, _, let isDrained): .complete(call, isDrained: isDrained)
        case .drop(let isDrained): .drop(isDrained: isDrained)
        case .pong: .pong
        case .stopSending(let isDrained): .stopSending(isDrained: isDrained)
        case .ignore: .ignore
        case .fail: .fail
        }
    }

    static func expect(
        _ frame: Frame,
        _ state: inout State,
        _ expected: Kind,
        _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = self.receive(frame, &state)
        #expect(found == expected, comment, sourceLocation: sourceLocation)
    }

    static let columns: [(String, Frame)] = [
        ("WELCOME", Frames.welcome()), ("RESPONSE", Frames.response(1)), ("PING", Frames.ping),
        ("PONG", Frames.pong), ("GOAWAY", Frames.goAway()), ("ITEM", Frames.item),
        ("HELLO", Frames.hello), ("REQUEST", Frames.request(1)), ("CANCEL", Frames.cancel),
        ("CREDIT", Frames.credit), ("ignorable", Frames.ignorable), ("unknown", Frames.unknown),
    ]

    @Test("Before WELCOME everything else that is not ignorable ends the connection")
    func awaitingWelcome() {
        for (name, frame) in Self.columns {
            var state = State.awaitingWelcome
            let expected: Kind =
                switch name {
                case "WELCOME": .opened
                case "ignorable": .ignore
                default: .fail
                }
            Self.expect(frame, &state, expected, "\(name)")
        }
    }

    @Test("An open connection completes calls and follows the server")
    func open() {
        for (name, frame) in Self.columns {
            var state = State.awaitingWelcome
            Self.expect(Frames.welcome(), &state, .opened)
            _ = state.callRequested("call")
            let expected: Kind =
                switch name {
                case "RESPONSE": .complete("call", isDrained: false)
                case "PING": .pong
                case "PONG", "ignorable": .ignore
                case "GOAWAY": .stopSending(isDrained: false)
                default: .fail
                }
            Self.expect(frame, &state, expected, "\(name)")
        }
    }

    @Test("A draining connection finishes its calls and takes no other")
    func draining() {
        for (name, frame) in Self.columns {
            var state = State.awaitingWelcome
            _ = Self.receive(Frames.welcome(), &state)
            _ = state.callRequested("call")
            Self.expect(Frames.goAway(), &state, .stopSending(isDrained: false))
            #expect(state.callRequested("other") == .useAnother)
            let expected: Kind =
                switch name {
                case "RESPONSE": .complete("call", isDrained: true)
                case "PING": .pong
                case "PONG", "ignorable", "GOAWAY": .ignore
                default: .fail
                }
            Self.expect(frame, &state, expected, "\(name)")
        }
    }

    @Test("Call IDs rise from 1 and stop at the server's limit")
    func callLimit() {
        var state = State.awaitingWelcome
        #expect(state.callRequested("early") == .wait)
        _ = Self.receive(Frames.welcome(callsInFlight: 2), &state)
        for (call, id) in [("a", UInt64(1)), ("b", 2)] {
            guard case .send(let sent, _) = state.callRequested(call) else {
                Issue.record("call \(call) was not sent")
                return
            }
            #expect(sent.rawValue == id)
        }
        #expect(state.callRequested("c") == .wait)
        Self.expect(Frames.response(1), &state, .complete("a", isDrained: false))
        guard case .send(let third, _) = state.callRequested("c") else {
            Issue.record("the third call was not sent")
            return
        }
        #expect(third.rawValue == 3)
    }

    @Test("A call that was given up keeps its place until its answer comes, which is dropped")
    func givenUp() {
        var state = State.awaitingWelcome
        _ = Self.receive(Frames.welcome(callsInFlight: 1), &state)
        _ = state.callRequested("a")
        let id = CallID(rawValue: 1)
        #expect(state.callGivenUp(id) == .sendCancel)
        #expect(state.callGivenUp(id) == .ignore, "CANCEL is sent once")
        #expect(state.callRequested("b") == .wait)
        Self.expect(Frames.response(1), &state, .drop(isDrained: false))
        Self.expect(Frames.response(1), &state, .fail, "answered twice")
    }

    @Test("An answer to a call that was never made ends the connection")
    func unknownCall() {
        var state = State.awaitingWelcome
        _ = Self.receive(Frames.welcome(), &state)
        Self.expect(Frames.response(7), &state, .fail)
    }

    @Test("A broken answer ends the connection, and its call is not lost")
    func brokenAnswer() {
        var state = State.awaitingWelcome
        _ = Self.receive(Frames.welcome(), &state)
        _ = state.callRequested("a")
        let broken = Frames.frame(.response, id: 1, ByteBuffer(repeating: 0, count: 3))
        Self.expect(broken, &state, .fail)
        #expect(state.connectionClosed() == ["a"])
    }

    @Test("A refusal carries the server's reason")
    func refused() throws {
        var payload = Frames.handshake(versions: 3...4)
        let error = RPCError(.unimplemented, "versions 3 to 4")
        payload.writeImmutableBuffer(try PBWelcome.with { $0.refusal = PBError(error) }.encoded())
        var state = State.awaitingWelcome
        let frame = Frames.frame(.welcome, code: 12, payload)
        guard case .refused(let found) = state.frameReceived(frame, offered: [.lz4, .clock]) else {
            Issue.record("not refused")
            return
        }
        #expect(found.code == .unimplemented)
        #expect(found.message == "versions 3 to 4")
        #expect(found.isNotProcessed)
    }
}
