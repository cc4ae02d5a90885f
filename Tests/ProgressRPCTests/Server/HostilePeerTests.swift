import NIOCore
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("A server among peers that break the rules", .timeLimit(.minutes(1)))
struct HostilePeerTests {
    @Test(
        "Bytes of another protocol are refused with a reason, and the connection ends",
        arguments: [
            Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, 1, 2, 3, 4, 5, 6],
            [UInt8](repeating: 0, count: 4_096), Array("SSH-2.0-OpenSSH_9.2p1\r\n".utf8),
        ]
    )
    func otherProtocols(bytes: [UInt8]) async throws {
        try await withServer(EchoHandler()) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.send(ByteBuffer(bytes: bytes))
                let frame = try #require(try await connection.next())
                #expect(frame.header.type == .welcome)
                #expect(frame.header.code == RPCError.Code.badMessage.rawValue)
                let end = try await connection.next()
                #expect(end == nil)
            }
        }
    }

    @Test("After the handshake a broken frame is answered by GOAWAY, and the connection ends")
    func brokenFrames() async throws {
        try await withServer(EchoHandler()) { _, path in
            for frame in [Frames.hello, Frames.unknown, Frames.credit, Frames.request(0)] {
                try await RawConnection.with(path) { connection, _ in
                    try await connection.shakeHands()
                    try await connection.send(frame)
                    let answer = try #require(try await connection.next())
                    #expect(answer.header.type == .goAway)
                    let end = try await connection.next()
                    #expect(end == nil)
                }
            }
        }
    }

    @Test(
        "A length over the limit ends the connection at once",
        arguments: [65_537, 1 << 24, .max]
    )
    func oversize(length: UInt32) async throws {
        try await withServer(EchoHandler()) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                var header = ByteBuffer(integer: length, endianness: .little)
                header.writeRepeatingByte(0x10, count: 12)
                try await connection.send(header)
                let answer = try #require(try await connection.next())
                #expect(answer.header.type == .goAway)
                #expect(String(buffer: answer.payload).contains("the limit is 65536"))
                let end = try await connection.next()
                #expect(end == nil)
            }
        }
    }

    @Test("A call ID that is in flight ends the connection and its calls")
    func duplicateCall() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(Frames.request(1, method: .health))
                await held.arrived(1)
                try await connection.send(Frames.request(1, method: .health))
                let answer = try #require(try await connection.next())
                #expect(answer.header.type == .goAway)
            }
            await held.cancelled(1)
        }
    }

    @Test("A peer that does not complete HELLO, or a frame, is let go")
    func slowPeers() async throws {
        let configure: (inout RPCServer.Configuration) -> Void = {
            $0.helloTimeout = .milliseconds(600)
            $0.frameTimeout = .milliseconds(100)
        }
        try await withServer(EchoHandler(), configure: configure) { _, path in
            try await RawConnection.with(path) { connection, _ in
                let end = try await connection.next()
                #expect(end == nil, "no HELLO")
            }
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(ByteBuffer(bytes: [1, 2, 3]))
                let end = try await connection.next()
                #expect(end == nil, "half a frame")
            }
        }
    }

    @Test("A peer that takes no answers is let go, and others are served meanwhile")
    func slowReader() async throws {
        let configure: (inout RPCServer.Configuration) -> Void = {
            $0.stallTimeout = .milliseconds(200)
        }
        try await withServer(EchoHandler(), configure: configure) { _, path in
            try await RawConnection.with(path) { connection, channel in
                try await connection.shakeHands()
                try await channel.setOption(.autoRead, value: false).get()
                let body = Frames.requestPayload(body: ByteBuffer(repeating: 1, count: 60_000))
                do {
                    for id in 1...200 {
                        try await connection.send(Frames.request(UInt64(id), payload: body))
                    }
                } catch {
                    // The server has closed: writes fail from then on.
                }
                try? await channel.closeFuture.get()
            }
            let client = ProgressClient(.init(socketPath: path))
            let answer = try await client.echo(ByteBuffer(string: "still here"))
            #expect(answer == ByteBuffer(string: "still here"))
            await client.close()
        }
    }

    @Test("Frames are understood byte by byte, and several in one write")
    func splitAndJoined() async throws {
        try await withServer(EchoHandler()) { _, path in
            try await RawConnection.with(path) { connection, _ in
                let body = Frames.requestPayload(body: ByteBuffer(string: "abc"))
                let bytes = RawConnection.bytes([
                    Frames.hello, Frames.request(1, payload: body),
                    Frames.request(2, payload: body),
                ])
                for byte in bytes.readableBytesView {
                    try await connection.send(ByteBuffer(integer: byte))
                }
                let welcome = try await connection.next()
                #expect(welcome?.header.type == .welcome)
                for id in 1...2 {
                    let answer = try await connection.nextAnswer()
                    #expect(answer.id == UInt64(id))
                }
                try await connection.send(
                    Frames.request(3, payload: body),
                    Frames.ping,
                    Frames.request(4, payload: body)
                )
                let three = try await connection.nextAnswer()
                let pong = try await connection.next()
                let four = try await connection.nextAnswer()
                #expect(three.id == 3)
                #expect(pong == Frames.pong)
                #expect(four.id == 4)
            }
        }
    }

    @Test("A peer that has said all it has to say still gets its answers")
    func halfClosed() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                try await connection.send(Frames.request(1, method: .health))
                connection.finish()
                await held.arrived(1)
                held.release()
                let answer = try await connection.nextAnswer()
                #expect(answer.code == .ok)
                let end = try await connection.next()
                #expect(end == nil)
            }
        }
    }

    @Test("The 257th call in flight is refused, and the others are answered")
    func callsInFlight() async throws {
        let held = HeldCalls()
        try await withServer(held) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                for id in 1...257 {
                    try await connection.send(Frames.request(UInt64(id), method: .health))
                }
                let refused = try await connection.nextAnswer()
                #expect(refused.id == 257)
                #expect(refused.code == .resourceExhausted)
                #expect(refused.error.reason == "TOO_MANY_CALLS")
                await held.arrived(256)
                held.release()
                var answered: Set<UInt64> = []
                for _ in 1...256 { answered.insert(try await connection.nextAnswer().id) }
                #expect(answered == Set(1...256))
            }
        }
    }

    @Test("Connections past the limit, and peers without a role, are told why")
    func refusals() async throws {
        try await withServer(EchoHandler(), configure: { $0.connections = 1 }) { _, path in
            try await RawConnection.with(path) { first, _ in
                try await first.shakeHands()
                try await RawConnection.with(path) { second, _ in
                    try await second.send(Frames.hello)
                    let welcome = try #require(try await second.next())
                    #expect(welcome.header.code == RPCError.Code.resourceExhausted.rawValue)
                }
            }
        }
        try await withServer(EchoHandler(), configure: { $0.peers = { _ in nil } }) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            let options = CallOptions(waitsForConnection: false)
            var code: RPCError.Code?
            do throws(RPCError) {
                // The first attempt may come before the server listens.
                while true {
                    do throws(RPCError) {
                        _ = try await client.echo(ByteBuffer(), options: options)
                    } catch  where error.code == .unavailable { continue }
                    break
                }
            } catch { code = error.code }
            #expect(code == .permissionDenied)
            await client.close()
        }
    }
}
