import NIOCore
import ProgressRPC
import TestSupport
import Testing

@Suite("A client and a server on a real socket", .timeLimit(.minutes(1)))
struct ProgressClientTests {
    @Test("Echo gives the bytes back", arguments: [0, 1, 1_000, 60_000])
    func echo(byteCount: Int) async throws {
        try await withServer(EchoHandler()) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            let bytes = ByteBuffer(repeating: 0x5A, count: byteCount)
            let options = CallOptions(waitsForConnection: true)
            let answer = try await client.echo(bytes, options: options)
            #expect(answer == bytes)
            await client.close()
        }
    }
}
