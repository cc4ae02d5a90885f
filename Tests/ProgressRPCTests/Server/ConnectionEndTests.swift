import Glibc
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("How a server's connections end", .timeLimit(.minutes(1)))
struct ConnectionEndTests {
    /// Waits until something holds.
    static func until(_ holds: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            if holds() { return true }
            await Task.yield()
        }
        return holds()
    }

    @Test("An answer to a peer that has just gone away harms nobody")
    func writeFails() async throws {
        let descriptor = Counter()
        let held = HeldCalls()
        let handler = EchoHandler { call in
            guard call.method == .stats else { return held.handle(call) }
            // Gone before the server can know, with requests on their way.
            close(CInt(descriptor.value))
            call.succeed(call.body)
        }
        try await withServer(handler) { server, path in
            #expect(await Self.until { access(path, F_OK) == 0 })
            let peer = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            for _ in 0..<peer { descriptor.increment() }
            let connected = SocketAddress(unixPath: path).withSockAddr { address, size in
                connect(peer, address, socklen_t(size))
            }
            #expect(connected == 0)
            let requests = RawConnection.bytes([
                Frames.hello, Frames.request(1, method: .health),
                Frames.request(2, method: .stats), Frames.request(3, method: .health),
            ])
            let written = requests.withUnsafeReadableBytes { write(peer, $0.baseAddress, $0.count) }
            #expect(written == requests.readableBytes)
            await held.cancelled(1)
            #expect(await Self.until { server.statistics().callsInFlight == 0 })
            let client = ProgressClient(.init(socketPath: path))
            _ = try await client.echo(ByteBuffer())
            await client.close()
        }
    }

    @Test("A connection that broke the protocol is closed although its peer stays")
    func lingerEnds() async throws {
        let configure: (inout RPCServer.Configuration) -> Void = {
            $0.helloTimeout = .milliseconds(700)
            $0.lingerTimeout = .milliseconds(800)
        }
        let held = HeldCalls()
        try await withServer(held, configure: configure) { server, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(Frames.request(1, method: .health))
                await held.arrived(1)
                try await connection.send(Frames.unknown)
                let goAway = try await connection.next()
                #expect(goAway?.header.type == .goAway)
                await held.cancelled(1)
                let end = try await connection.next()
                #expect(end == nil, "no answer follows")
                #expect(await Self.until { server.statistics().connections == 0 })
            }
        }
    }

    @Test("A peer that stops sending gets all answers, however many wait")
    func halfClosedWithOutputWaiting() async throws {
        try await withServer(EchoHandler()) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                let body = Frames.requestPayload(body: ByteBuffer(repeating: 1, count: 60_000))
                for id in 1...16 {
                    try await connection.send(Frames.request(UInt64(id), payload: body))
                }
                connection.finish()
                for id in 1...16 {
                    let answer = try await connection.nextAnswer()
                    #expect(answer.id == UInt64(id))
                }
                let end = try await connection.next()
                #expect(end == nil)
            }
        }
    }

    @Test("A peer that stops sending during a drain gets its answers too")
    func halfClosedDraining() {
        var state = ServerConnectionState<CallID>.awaitingHello
        _ = ServerConnectionStateTests.receive(Frames.hello, &state)
        _ = ServerConnectionStateTests.receive(Frames.request(1), &state)
        #expect(state.drainRequested() == .announce)
        #expect(state.inputEnded() == false)
        #expect(state.callEnded(CallID(rawValue: 1)) == true)

        var idle = ServerConnectionState<CallID>.awaitingHello
        #expect(idle.inputEnded() == true)
    }

    @Test("A connection whose HELLO has not come when the server stops is told so")
    func drainBeforeHello() async throws {
        try await withServer(EchoHandler()) { server, path in
            try await RawConnection.with(path) { connection, _ in
                #expect(await Self.until { server.statistics().connections == 1 })
                server.beginDrain()
                let welcome = try #require(try await connection.next())
                #expect(welcome.header.type == .welcome)
                #expect(welcome.header.code == RPCError.Code.unavailable.rawValue)
                let end = try await connection.next()
                #expect(end == nil)
            }
        }
    }

    @Test("Connections that are refused do not count, and those that end are no longer counted")
    func counted() async throws {
        let configure: (inout RPCServer.Configuration) -> Void = { $0.connectionsOfOneUser = 1 }
        try await withServer(EchoHandler(), configure: configure) { server, path in
            for _ in 1...3 {
                try await RawConnection.with(path) { first, _ in
                    try await first.shakeHands()
                    for _ in 1...3 {
                        try await RawConnection.with(path) { other, _ in
                            let welcome = try #require(try await other.next())
                            #expect(welcome.header.code == RPCError.Code.resourceExhausted.rawValue)
                        }
                    }
                    #expect(server.statistics().connections == 1)
                }
                #expect(await Self.until { server.statistics().connections == 0 })
            }
        }
    }

    @Test("Nothing of a connection stays when it has ended")
    func deallocated() async throws {
        let path = TemporarySocket.path()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let shared = ServerShared(
            RPCServer.Configuration(socketPath: path),
            handler: EchoHandler(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            eventLoop: loop
        )
        let made = WeakBox<ServerConnection>()
        let listener = try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = PeerCredentials(processID: 1, userID: geteuid(), groupID: 1)
                    let connection = ServerConnection(peer, shared: shared)
                    made.watch(connection)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .bind(to: SocketAddress(unixPath: path)).get()
        let client = ProgressClient(.init(socketPath: path))
        _ = try await client.echo(ByteBuffer())
        #expect(made.isAlive)
        await client.close()
        #expect(await Self.until { !made.isAlive })
        try await listener.close()
        unlink(path)
    }
}
