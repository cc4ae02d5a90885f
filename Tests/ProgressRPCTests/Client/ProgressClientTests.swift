import NIOCore
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("A client and a server on a real socket", .timeLimit(.minutes(1)))
struct ProgressClientTests {
    static let waiting = CallOptions(waitsForConnection: true)

    @Test("Echo gives the bytes back", arguments: [0, 1, 1_000, 60_000])
    func echo(byteCount: Int) async throws {
        try await withServer(EchoHandler()) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            let bytes = ByteBuffer(repeating: 0x5A, count: byteCount)
            let answer = try await client.echo(bytes, options: Self.waiting)
            #expect(answer == bytes)
            await client.close()
        }
    }

    @Test("Calls made at once share a connection and get their own answers")
    func multiplexed() async throws {
        try await withServer(EchoHandler(), configure: { $0.callsInFlight = 2 }) { server, path in
            let client = ProgressClient(.init(socketPath: path))
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let bytes = ByteBuffer(integer: number)
                        let answer = try? await client.echo(bytes, options: Self.waiting)
                        return answer == bytes
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
            #expect(server.statistics().connections == 1)
            await client.close()
        }
    }

    @Test("A caller on the client's executor gets its answer without leaving the event loop")
    func executor() async throws {
        try await withServer(EchoHandler()) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            let bytes = ByteBuffer(string: "on the loop")
            let answer = try await withTaskExecutorPreference(client.executor) {
                try await client.echo(bytes, options: Self.waiting)
            }
            #expect(answer == bytes)
            await client.close()
        }
    }

    @Test("Without a server a call fails at once, and says that it was not processed")
    func noServer() async {
        let client = ProgressClient(.init(socketPath: TemporarySocket.path()))
        let error = await Self.failure(of: client)
        #expect(error?.code == .unavailable)
        #expect(error?.isNotProcessed == true)
        await client.close()
        let closed = await Self.failure(of: client)
        #expect(closed?.code == .cancelled)
    }

    @Test("A call that waits for the server is made when it comes")
    func waitsForServer() async throws {
        let path = TemporarySocket.path()
        let client = ProgressClient(.init(socketPath: path))
        try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask {
                try await client.echo(ByteBuffer(string: "early"), options: Self.waiting)
            }
            let impatient = await Self.failure(of: client)
            #expect(impatient?.code == .unavailable)
            try await withServer(EchoHandler(), configure: { $0.socketPath = path }) { _, _ in
                let answer = try await group.next()
                #expect(answer == ByteBuffer(string: "early"))
            }
        }
        await client.close()
    }

    @Test("A client goes on with the next server on the path, and loses no call to a drain")
    func rollingRestart() async throws {
        let path = TemporarySocket.path()
        let client = ProgressClient(.init(socketPath: path))
        for round in 0..<5 {
            try await withServer(EchoHandler(), configure: { $0.socketPath = path }) { server, _ in
                let bytes = ByteBuffer(integer: round)
                let answer = try await client.echo(bytes, options: Self.waiting)
                #expect(answer == bytes)
                server.beginDrain()
            }
        }
        await client.close()
    }

    @Test("Cancelling the task reports at once and reaches the handler")
    func cancel() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            let error = await withTaskGroup(of: RPCError?.self) { group in
                group.addTask {
                    await Self.failure(of: client, .health, Self.waiting)
                }
                await held.arrived(1)
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(error?.code == .cancelled)
            await held.cancelled(1)
            await client.close()
        }
    }

    @Test("A task that is cancelled already makes no call")
    func cancelledBefore() async throws {
        let client = ProgressClient(.init(socketPath: TemporarySocket.path()))
        let error = await withTaskGroup(of: RPCError?.self) { group in
            group.cancelAll()
            group.addTask { await Self.failure(of: client, .echo, Self.waiting) }
            return await group.next() ?? nil
        }
        #expect(error?.code == .cancelled)
        await client.close()
    }

    @Test("The client's own timer ends a call, and CANCEL goes to the server")
    func deadline() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            _ = try await client.echo(ByteBuffer(), options: Self.waiting)
            let options = CallOptions(timeout: .milliseconds(500))
            let error = await Self.failure(of: client, .health, options)
            #expect(error?.code == .deadlineExceeded)
            await held.cancelled(1)
            await client.close()
        }
    }

    @Test("A call without time left is not made")
    func noTime() async {
        let client = ProgressClient(.init(socketPath: TemporarySocket.path()))
        let error = await Self.failure(of: client, .echo, CallOptions(timeout: .zero))
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.isNotProcessed == true)
        await client.close()
    }

    @Test("A request that the server would not take fails here; the connection goes on")
    func tooLarge() async throws {
        try await withServer(EchoHandler()) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            let most = Limits.serverReceiveByteCount - 8 - 9
            let fits = ByteBuffer(repeating: 1, count: most)
            let answer = try await client.echo(fits, options: Self.waiting)
            #expect(answer == fits)
            let error = await Self.failure(
                of: client,
                .echo,
                CallOptions(),
                ByteBuffer(repeating: 1, count: most + 1)
            )
            #expect(error?.code == .messageTooLarge)
            #expect(error?.details["limit"] == "65536")
            let after = try await client.echo(ByteBuffer(string: "x"))
            #expect(after == ByteBuffer(string: "x"))
            await client.close()
        }
    }

    @Test("An answer larger than the client takes is replaced by an error")
    func answerTooLarge() async throws {
        try await withServer(EchoHandler()) { _, path in
            var configuration = ProgressClient.Configuration(socketPath: path)
            configuration.receiveByteCount = 1_024
            let client = ProgressClient(configuration)
            let bytes = ByteBuffer(repeating: 1, count: 1_021)
            let error = await Self.failure(of: client, .echo, Self.waiting, bytes)
            #expect(error?.code == .messageTooLarge)
            #expect(error?.details == ["needed": "1025", "limit": "1024"])
            await client.close()
        }
    }

    @Test("Answers are compressed when asked for, and come out the same")
    func compressed() async throws {
        let configure: (inout RPCServer.Configuration) -> Void = { $0.compressionByteCount = 1_024 }
        try await withServer(EchoHandler(), configure: configure) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            let options = CallOptions(acceptsLZ4: true, waitsForConnection: true)
            for bytes in [
                ByteBuffer(repeating: 7, count: 50_000), ByteBuffer(repeating: 7, count: 100),
                ByteBuffer(bytes: (0..<5_000).map { _ in UInt8.random(in: 0...255) }),
            ] {
                let answer = try await client.echo(bytes, options: options)
                #expect(answer == bytes)
            }
            await client.close()
        }
    }

    @Test("The queue of a client that cannot connect is bounded")
    func queueLimit() async {
        var configuration = ProgressClient.Configuration(socketPath: TemporarySocket.path())
        configuration.shortestBackoff = .seconds(30)
        configuration.longestBackoff = .seconds(30)
        let client = ProgressClient(configuration)
        await withTaskGroup(of: RPCError?.self) { group in
            for _ in 0...ClientCore.queueLimit {
                group.addTask { await Self.failure(of: client, .echo, Self.waiting) }
            }
            let first = await group.next() ?? nil
            #expect(first?.code == .resourceExhausted)
            #expect(first?.reason == "TOO_MANY_CALLS")
            await client.close()
        }
    }

    @Test("Closing fails the calls in flight")
    func close() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            async let call = Self.failure(of: client, .health, Self.waiting)
            await held.arrived(1)
            await client.close()
            let error = await call
            #expect(error?.code == .cancelled)
        }
    }

    static func failure(
        of client: ProgressClient,
        _ method: ProgressRPC.Method = .echo,
        _ options: CallOptions = CallOptions(),
        _ body: ByteBuffer = ByteBuffer()
    ) async -> RPCError? {
        do throws(RPCError) {
            _ = try await client.call(method, body, options: options)
            return nil
        } catch {
            return error
        }
    }
}
