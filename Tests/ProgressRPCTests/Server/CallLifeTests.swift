import NIOCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("Deadlines, cancellation and drain at the server", .timeLimit(.minutes(1)))
struct CallLifeTests {
    @Test("CANCEL reaches the handler, whose answer ends the call")
    func cancel() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(Frames.request(1, method: .health))
                await held.arrived(1)
                try await connection.send(Frames.cancel, Frames.cancel)
                let answer = try await connection.nextAnswer()
                #expect(answer.code == .cancelled)
                try await connection.send(Frames.cancel, Frames.ping)
                let pong = try await connection.next()
                #expect(pong == Frames.pong, "a late CANCEL is ignored")
            }
        }
    }

    @Test("A call is answered when its time is over, and its handler told")
    func deadline() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                let payload = Frames.requestPayload(timeout: 500_000)
                try await connection.send(Frames.request(1, method: .health, payload: payload))
                let answer = try await connection.nextAnswer()
                #expect(answer.code == .deadlineExceeded)
            }
            await held.cancelled(1)
        }
    }

    @Test("The end of a connection cancels its calls")
    func connectionEnds() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(
                    Frames.request(1, method: .health),
                    Frames.request(2, method: .health)
                )
                await held.arrived(2)
            }
            await held.cancelled(2)
        }
    }

    @Test("A draining server finishes calls, refuses others and closes")
    func drain() async throws {
        let held = HeldCalls()
        try await withServer(held) { server, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(Frames.request(1, method: .health))
                await held.arrived(1)
                server.beginDrain()
                let goAway = try await connection.next()
                #expect(goAway?.header.type == .goAway)
                try await connection.send(Frames.request(2))
                let refused = try await connection.nextAnswer()
                #expect(refused.code == .unavailable)
                #expect(refused.error.reason == "DRAINING")
                held.release()
                let answer = try await connection.nextAnswer()
                #expect(answer.id == 1)
                #expect(answer.code == .ok)
                let end = try await connection.next()
                #expect(end == nil)
            }
        }
    }

    @Test("A drain ends by itself when a call does not")
    func drainTimeout() async throws {
        let held = HeldCalls()
        try await withServer(held, configure: { $0.drainTimeout = .milliseconds(50) }) {
            server,
            path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(Frames.request(1, method: .health))
                await held.arrived(1)
                server.beginDrain()
                while try await connection.next() != nil {}
            }
            await held.cancelled(1)
        }
    }

    @Test("A gateway's call without scope is refused; a trusted peer's sees all")
    func scope() async throws {
        let handler = EchoHandler { call in
            do throws(RPCError) {
                call.succeed(try call.scope())
            } catch {
                call.fail(error)
            }
        }
        try await withServer(handler) { _, path in
            for (features, code) in [
                (Features.scope, RPCError.Code.unauthenticated), ([], .ok),
            ] {
                try await RawConnection.with(path) { connection, _ in
                    try await connection.shakeHands(features: features)
                    try await connection.send(Frames.request(1, method: .health))
                    let answer = try await connection.nextAnswer()
                    #expect(answer.code == code)
                }
            }
            let patterns = PBRequestMeta.with {
                $0.scope.datasets = Array(repeating: PBDatasetPattern(), count: 257)
            }
            let meta = try patterns.encoded()
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                let payload = Frames.requestPayload(meta: meta)
                try await connection.send(Frames.request(1, method: .health, payload: payload))
                let answer = try await connection.nextAnswer()
                #expect(answer.code == .invalidArgument)
            }
        }
    }

    @Test("Statistics count calls by method and code")
    func statistics() async throws {
        try await withServer(EchoHandler()) { server, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(
                    Frames.request(1),
                    Frames.request(2),
                    Frames.request(3, method: .stats)
                )
                for _ in 1...3 { _ = try await connection.nextAnswer() }
                let statistics = server.statistics()
                #expect(statistics.connections == 1)
                #expect(statistics.callsInFlight == 0)
                #expect(statistics.methods.map(\.calls) == [[12: 1], [0: 2]])
            }
        }
    }
}
