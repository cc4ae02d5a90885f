import Glibc
import NIOCore
import NIOPosix
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("A client's connections and what becomes of its calls", .timeLimit(.minutes(1)))
struct ClientLifeTests {
    @Test("A client that is forgotten closes its connection")
    func forgotten() async throws {
        try await withServer(EchoHandler()) { server, path in
            do {
                let client = ProgressClient(.init(socketPath: path))
                _ = try await client.echo(ByteBuffer(), options: ProgressClientTests.waiting)
                #expect(server.statistics().connections == 1)
            }
            #expect(await ConnectionEndTests.until { server.statistics().connections == 0 })
        }
    }

    @Test("Nothing of a client stays when it is closed")
    func deallocated() async throws {
        let core = WeakBox<ClientCore>()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        try await loop.submit {
            let configuration = ProgressClient.Configuration(socketPath: TemporarySocket.path())
            let made = ClientCore(configuration, on: loop, nil)
            made.makeTimers()
            made.close()
            core.watch(made)
        }.get()
        #expect(await ConnectionEndTests.until { !core.isAlive })
    }

    @Test("A call in flight when the client is closed may have been processed")
    func closedInFlight() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            async let call = ProgressClientTests.failure(
                of: client,
                .health,
                ProgressClientTests.waiting
            )
            await held.arrived(1)
            await client.close()
            let error = await call
            #expect(error?.code == .cancelled)
            #expect(error?.isNotProcessed == false)
        }
    }

    @Test("An error with a time to wait is not sent again at once, nor on another connection")
    func retryAfter() async throws {
        let count = Counter()
        let handler = EchoHandler { call in
            count.increment()
            let pause = Duration.seconds(1)
            call.fail(RPCError(.unavailable, "later", retryAfter: pause, isNotProcessed: true))
        }
        try await withServer(handler) { server, path in
            let client = ProgressClient(.init(socketPath: path))
            for _ in 1...5 {
                let error = await ProgressClientTests.failure(
                    of: client,
                    .health,
                    ProgressClientTests.waiting
                )
                #expect(error?.code == .unavailable)
                #expect(error?.isNotProcessed == true)
            }
            #expect(count.value == 5)
            #expect(server.statistics().connections == 1)
            await client.close()
        }
    }

    @Test("A connection that a call left for a fresh one is closed")
    func retired() async throws {
        let requests = Counter()
        let ended = Counter()
        try await HostileServerTests.with(
            { frame in
                guard frame.header.type == .request else { return HostileServerTests.welcome }
                requests.increment()
                let id = frame.header.callID.rawValue
                return requests.value == 1
                    ? HostileServerTests.bytes(
                        Frames.response(id, code: 14, flags: [.notProcessed, .retryable])
                    ) : HostileServerTests.bytes(Frames.response(id))
            },
            ended: { ended.increment() }
        ) { client in
            _ = try await client.echo(ByteBuffer())
            #expect(requests.value == 2)
            #expect(await ConnectionEndTests.until { ended.value == 1 })
        }
    }

    @Test("NOT_MODIFIED has no body, whatever its flags say")
    func notModified() async throws {
        try await HostileServerTests.with({ frame in
            guard frame.header.type == .request else {
                return HostileServerTests.bytes(Frames.welcome(features: .lz4))
            }
            let id = frame.header.callID.rawValue
            return HostileServerTests.bytes(Frames.response(id, code: 32, flags: .lz4))
        }) { client in
            let reply = try await client.call(.echo, ByteBuffer())
            #expect(reply.isNotModified)
        }
    }

    @Test("A server that leaves before WELCOME is tried once more; one that comes back answers")
    func leavesOnce() async throws {
        let hellos = Counter()
        let loses = Counter()
        try await HostileServerTests.with({ frame in
            let id = frame.header.callID.rawValue
            guard frame.header.type == .hello else {
                return HostileServerTests.bytes(Frames.response(id))
            }
            hellos.increment()
            guard hellos.value == 1 else { return HostileServerTests.welcome }
            loses.increment()
            var payload = Frames.handshake()
            let refusal = PBWelcome.with { $0.refusal = PBError(.draining) }
            payload.writeImmutableBuffer((try? refusal.encoded()) ?? ByteBuffer())
            return HostileServerTests.bytes(Frames.frame(.welcome, code: 14, payload))
        }) { client in
            _ = try await client.echo(ByteBuffer())
            #expect(hellos.value == 2)
            #expect(loses.value == 1)
        }
    }

    @Test("While a server's backlog is full, calls wait until their time is over")
    func backlogFull() async throws {
        let path = TemporarySocket.path()
        let address = SocketAddress(unixPath: path)
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        let listener = socket(AF_UNIX, kind, 0)
        address.withSockAddr { _ = bind(listener, $0, socklen_t($1)) }
        listen(listener, 0)
        var waiting: [CInt] = []
        while waiting.count < 8 {
            let peer = socket(AF_UNIX, kind, 0)
            waiting.append(peer)
            let result = address.withSockAddr { connect(peer, $0, socklen_t($1)) }
            if result != 0 { break }
        }
        let client = ProgressClient(.init(socketPath: path))
        for _ in 1...6 {
            let options = CallOptions(timeout: .milliseconds(20))
            let error = await ProgressClientTests.failure(of: client, .echo, options)
            #expect(error?.code == .deadlineExceeded)
        }
        #expect(SocketFileTests.failure(path)?.contains("is served by another process") == true)
        await client.close()
        for peer in waiting { close(peer) }
        close(listener)
        unlink(path)
    }

    @Test(
        "Any time for a call is a time",
        arguments: [Duration.seconds(Int64.max), .seconds(Int64.min), .nanoseconds(1), .zero]
    )
    func timeouts(timeout: Duration) async throws {
        try await withServer(EchoHandler()) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            _ = try await client.echo(ByteBuffer(), options: ProgressClientTests.waiting)
            let options = CallOptions(timeout: timeout)
            let error = await ProgressClientTests.failure(of: client, .echo, options)
            #expect(error == nil || error?.code == .deadlineExceeded)
            if timeout > .seconds(1) { #expect(error == nil) }
            await client.close()
        }
    }
}
