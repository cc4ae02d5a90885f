import NIOCore
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("Floods: protocol/SPEC.md, 5.2, 6.5 and 7.3", .timeLimit(.minutes(1)))
struct FloodTests {
    /// Holds calls and takes no notice of their cancellation.
    final class StubbornCalls: RPCHandler {
        private let held = HeldCalls()

        func handle(_ call: ServerCall) {
            self.held.hold(call)
        }

        func arrived(_ count: Int) async { await self.held.arrived(count) }

        func release() { self.held.release(evenCancelled: true) }
    }

    @Test("Cancelled calls keep their places until their handlers have ended")
    func cancelledCallsOccupy() async throws {
        let handler = StubbornCalls()
        try await withServer(handler) { server, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                // A rapid reset: each call is cancelled in the breath that makes it.
                for id in UInt64(1)...2_000 {
                    try await connection.send(
                        Frames.request(id),
                        Frames.frame(.cancel, id: id)
                    )
                }
                for id in UInt64(257)...2_000 {
                    let refused = try await connection.nextAnswer()
                    #expect(refused.id == id)
                    #expect(refused.code == .resourceExhausted)
                }
                await handler.arrived(256)
                #expect(server.statistics().callsInFlight == 256)
                handler.release()
                for _ in 1...256 { _ = try await connection.nextAnswer() }
                try await connection.send(Frames.request(3_000))
                await handler.arrived(1)
                handler.release()
                let answer = try await connection.nextAnswer()
                #expect(answer.id == 3_000)
                #expect(server.statistics().callsInFlight == 0)
            }
        }
    }

    @Test("512 calls pass through socket buffers of 4 KiB, with both sides writing")
    func smallBuffers() async throws {
        let configure: (inout RPCServer.Configuration) -> Void = {
            $0.socketBufferByteCount = 4_096
        }
        try await withServer(EchoHandler(), configure: configure) { server, path in
            var configuration = ProgressClient.Configuration(socketPath: path)
            configuration.socketBufferByteCount = 4_096
            let client = ProgressClient(configuration)
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<512 {
                    group.addTask {
                        let bytes = ByteBuffer(repeating: UInt8(number & 0xFF), count: 16_000)
                        let answer = try? await client.echo(
                            bytes,
                            options: ProgressClientTests.waiting
                        )
                        return answer == bytes
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
            #expect(server.statistics().callsInFlight == 0)
            await client.close()
        }
    }

    @Test("Answers that are ready at once do not pile up during one read")
    func outputDuringRead() async throws {
        let answer = ByteBuffer(repeating: 1, count: 1 << 20)
        let handler = EchoHandler { call in call.succeed(answer) }
        try await withServer(handler) { server, path in
            try await RawConnection.with(path) { connection, channel in
                try await connection.shakeHands(receiveByteCount: 1 << 23)
                try await channel.setOption(.autoRead, value: false).get()
                let requests = (1...400).map { Frames.request(UInt64($0), method: .health) }
                try await connection.send(RawConnection.bytes(requests))
                #expect(await ConnectionEndTests.until { server.statistics().connections == 0 })
                let answered = server.statistics().methods.flatMap(\.calls.values).reduce(0, +)
                #expect(answered < 100, "closed at 16 MiB, long before the last request")
            }
        }
    }
}
