import NIOCore
import Testing

@testable import ProgressRPC

@Suite("What a server's connection does: protocol/SPEC.md, section 11")
struct ServerConnectionStateTests {
    typealias State = ServerConnectionState<CallID>

    /// The kind of an action, to compare.
    enum Kind: Equatable {
        case welcome
        case refuse(RPCError.Code)
        case dispatch
        case refuseCall(RPCError.Code)
        case cancel
        case pong
        case ignore
        case fail
    }

    static func kind(_ action: State.FrameAction) -> Kind {
        switch action {
        case .welcome: .welcome
        case .refuseConnection(let error): .refuse(error.code)
        case .dispatch: .dispatch
        case .refuseCall(_, let error, _): .refuseCall(error.code)
        case .cancel: .cancel
        case .pong: .pong
        case .ignore: .ignore
        case .fail: .fail
        }
    }

    static func receive(
        _ frame: Frame,
        _ state: inout State,
        policy: HandshakePolicy = HandshakePolicy(
            features: [.lz4, .clock, .scope],
            callsInFlight: 2,
            clockID: [1]
        )
    ) -> Kind {
        self.kind(state.frameReceived(frame, policy: policy) { incoming, _ in incoming.id })
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
        ("HELLO", Frames.hello), ("REQUEST", Frames.request(9)), ("CANCEL", Frames.cancel),
        ("PING", Frames.ping), ("PONG", Frames.pong), ("GOAWAY", Frames.goAway()),
        ("CREDIT", Frames.credit), ("WELCOME", Frames.welcome()),
        ("RESPONSE", Frames.response(1)), ("ITEM", Frames.item),
        ("ignorable", Frames.ignorable), ("unknown", Frames.unknown),
    ]

    @Test("Before HELLO everything else that is not ignorable is refused")
    func awaitingHello() {
        for (name, frame) in Self.columns {
            var state = State.awaitingHello
            let expected: Kind =
                switch name {
                case "HELLO": .welcome
                case "ignorable": .ignore
                default: .refuse(.badMessage)
                }
            Self.expect(frame, &state, expected, "\(name)")
        }
    }

    @Test("An open connection dispatches, cancels and answers")
    func open() {
        for (name, frame) in Self.columns {
            var state = State.awaitingHello
            Self.expect(Frames.hello, &state, .welcome)
            Self.expect(Frames.request(1), &state, .dispatch)
            let expected: Kind =
                switch name {
                case "REQUEST": .dispatch
                case "CANCEL": .cancel
                case "PING": .pong
                case "PONG", "GOAWAY", "ignorable": .ignore
                default: .fail
                }
            Self.expect(frame, &state, expected, "\(name)")
        }
    }

    @Test("A draining connection refuses calls and serves the rest")
    func draining() {
        for (name, frame) in Self.columns {
            var state = State.awaitingHello
            Self.expect(Frames.hello, &state, .welcome)
            Self.expect(Frames.request(1), &state, .dispatch)
            #expect(state.drainRequested() == .announce)
            let expected: Kind =
                switch name {
                case "REQUEST": .refuseCall(.unavailable)
                case "CANCEL": .cancel
                case "PING": .pong
                case "PONG", "GOAWAY", "ignorable": .ignore
                default: .fail
                }
            Self.expect(frame, &state, expected, "\(name)")
        }
    }

    @Test("A closed connection ignores every frame")
    func closed() {
        for (name, frame) in Self.columns {
            var state = State.closed
            Self.expect(frame, &state, .ignore, "\(name)")
        }
    }

    @Test("One call more than the limit is refused as not processed and retryable")
    func callLimit() {
        var state = State.awaitingHello
        _ = Self.receive(Frames.hello, &state)
        Self.expect(Frames.request(1), &state, .dispatch)
        Self.expect(Frames.request(2), &state, .dispatch)
        let policy = HandshakePolicy(features: [], clockID: [])
        let action = state.frameReceived(Frames.request(3), policy: policy) { call, _ in call.id }
        guard case .refuseCall(let id, let error, let flags) = action else {
            Issue.record("expected a refusal, not \(action)")
            return
        }
        #expect(id == CallID(rawValue: 3))
        #expect(error.code == .resourceExhausted)
        #expect(flags == [.notProcessed, .retryable])
        #expect(state.callEnded(CallID(rawValue: 1)) == false)
        Self.expect(Frames.request(4), &state, .dispatch)
    }

    @Test("A call ID in flight cannot be used again; one that has ended is the client's affair")
    func duplicateCall() {
        var state = State.awaitingHello
        _ = Self.receive(Frames.hello, &state)
        Self.expect(Frames.request(1), &state, .dispatch)
        Self.expect(Frames.request(1), &state, .fail)
    }

    @Test("CANCEL for a call that is not in flight is ignored")
    func cancelUnknown() {
        var state = State.awaitingHello
        _ = Self.receive(Frames.hello, &state)
        Self.expect(Frames.cancel, &state, .ignore)
    }

    @Test("A connection is drained when its last call ends")
    func drained() {
        var state = State.awaitingHello
        _ = Self.receive(Frames.hello, &state)
        _ = Self.receive(Frames.request(1), &state)
        _ = Self.receive(Frames.request(2), &state)
        #expect(state.drainRequested() == .announce)
        #expect(state.drainRequested() == .ignore)
        #expect(state.callEnded(CallID(rawValue: 1)) == false)
        #expect(state.callEnded(CallID(rawValue: 2)) == true)
    }

    @Test("Draining without calls says so before or after the handshake, and closes")
    func drainIdle() {
        var fresh = State.awaitingHello
        #expect(fresh.drainRequested() == .refuse)
        var open = State.awaitingHello
        _ = Self.receive(Frames.hello, &open)
        #expect(open.drainRequested() == .announceAndClose)
    }

    @Test("The end of a connection gives up all its calls")
    func connectionEnds() {
        var state = State.awaitingHello
        _ = Self.receive(Frames.hello, &state)
        _ = Self.receive(Frames.request(1), &state)
        _ = Self.receive(Frames.request(2), &state)
        #expect(Set(state.connectionClosed().map(\.rawValue)) == [1, 2])
        #expect(state.connectionClosed() == [])
    }

    @Test("Requests that break a rule end the connection")
    func brokenRequests() {
        let broken: [(String, Frame)] = [
            ("call id 0", Frames.request(0)),
            ("STREAM without agreement", Frames.request(1, flags: .stream)),
            ("LZ4 without agreement", Frames.request(1, flags: .lz4)),
            ("a reserved flag", Frames.request(1, flags: FrameFlags(rawValue: 0x40))),
            ("a response's flag", Frames.request(1, flags: .notProcessed)),
            ("credit", Frames.request(1, payload: Frames.requestPayload(credit: 1))),
            ("a short payload", Frames.request(1, payload: ByteBuffer(repeating: 0, count: 7))),
            ("a PING of 7 bytes", Frames.frame(.ping, ByteBuffer(repeating: 0, count: 7))),
            ("a CANCEL with payload", Frames.frame(.cancel, id: 1, ByteBuffer(integer: UInt8(0)))),
            ("a CANCEL without call", Frames.frame(.cancel)),
            ("a GOAWAY of 3 bytes", Frames.frame(.goAway, ByteBuffer(repeating: 0, count: 3))),
        ]
        for (name, frame) in broken {
            var state = State.awaitingHello
            _ = Self.receive(Frames.hello, &state)
            Self.expect(frame, &state, .fail, "\(name)")
        }
    }

    @Test("Meta that reaches past the payload fails only its call")
    func metaPastTheEnd() {
        var state = State.awaitingHello
        _ = Self.receive(Frames.hello, &state)
        let payload = Frames.requestPayload(metaLength: 1)
        Self.expect(Frames.request(1, payload: payload), &state, .refuseCall(.badMessage))
        Self.expect(Frames.request(1), &state, .dispatch)
    }

    @Test("Meta past its limit is refused without ending the connection")
    func metaLimit() {
        for (count, expected) in [
            (Limits.metaByteCount, Kind.dispatch),
            (Limits.metaByteCount + 1, Kind.refuseCall(.invalidArgument)),
        ] {
            var state = State.awaitingHello
            _ = Self.receive(Frames.hello, &state)
            let meta = ByteBuffer(repeating: 0, count: count)
            let frame = Frames.request(1, payload: Frames.requestPayload(meta: meta))
            Self.expect(frame, &state, expected)
        }
    }
}

@Suite("How a server answers HELLO: protocol/SPEC.md, section 4")
struct HandshakePolicyTests {
    let policy = HandshakePolicy(features: [.lz4, .clock, .scope], clockID: [1, 2])

    func agreement(_ hello: Handshake, clock: [UInt8] = [1, 2]) throws(RPCError) -> Agreement {
        try self.policy.agreement(with: hello, clockID: clock)
    }

    @Test("The agreement is what both have")
    func intersection() throws {
        let hello = Handshake(
            versions: 1...9,
            features: [.lz4, .stream, .scope],
            receiveByteCount: 2_048
        )
        let agreement = try self.agreement(hello)
        #expect(agreement.version == 1)
        #expect(agreement.features == [.lz4, .scope])
        #expect(agreement.peerReceiveByteCount == 2_048)
    }

    @Test("CLOCK needs the same clock on both sides")
    func clock() throws {
        let hello = Handshake(versions: 1...1, features: [.clock], receiveByteCount: 2_048)
        let same = try self.agreement(hello)
        let other = try self.agreement(hello, clock: [3])
        let none = try self.agreement(hello, clock: [])
        #expect(same.features == [.clock])
        #expect(other.features == [])
        #expect(none.features == [])
    }

    @Test("No version in common is refused with the range that the server speaks")
    func versions() {
        let hello = Handshake(versions: 2...9, features: [], receiveByteCount: 2_048)
        #expect {
            _ = try self.agreement(hello)
        } throws: { error in
            (error as? RPCError)?.code == .unimplemented && "\(error)".contains("1 to 1")
        }
    }

    @Test("A client must take at least 1,024 bytes", arguments: [0, 1_023, 1_024])
    func smallestReceive(byteCount: UInt32) throws {
        let hello = Handshake(versions: 1...1, features: [], receiveByteCount: byteCount)
        if byteCount >= 1_024 {
            _ = try self.agreement(hello)
        } else {
            #expect(throws: RPCError.self) { _ = try self.agreement(hello) }
        }
    }
}
