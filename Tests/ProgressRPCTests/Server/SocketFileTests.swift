import Glibc
import NIOCore
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("Taking a socket path", .timeLimit(.minutes(1)))
struct SocketFileTests {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func failure(_ path: String) -> String? {
        do throws(SocketFileError) {
            let file = try SocketFile(claiming: path)
            file.release()
            return nil
        } catch {
            return error.description
        }
    }

    @Test("107 bytes are taken; 108, none and an abstract name are not")
    func lengths() {
        let longest = "/tmp/" + String(repeating: "p", count: 102)
        #expect(longest.utf8.count == 107)
        #expect(Self.failure(longest) == nil)
        #expect(Self.failure(longest + "p")?.contains("it must have 1 to 107") == true)
        #expect(Self.failure("")?.contains("0 bytes") == true)
        #expect(Self.failure("@abstract")?.contains("abstract") == true)
        #expect(Self.failure("/nowhere/at/all.sock")?.contains("/nowhere/at/all.sock") == true)
    }

    @Test("A path of 107 bytes can be served")
    func longestServed() async throws {
        let path = "/tmp/" + TemporarySocket.name(byteCount: 102)
        try await withServer(EchoHandler(), configure: { $0.socketPath = path }) { _, path in
            try await RawConnection.with(path) { connection, _ in try await connection.shakeHands()
            }
        }
        #expect(!Self.exists(path))
        #expect(!Self.exists(path + ".lock"))
    }

    @Test("A second server is refused, and the first goes on")
    func taken() async throws {
        try await withServer(EchoHandler()) { _, path in
            try await RawConnection.with(path) { connection, _ in
                try await connection.shakeHands()
                #expect(Self.failure(path)?.contains("another server") == true)
                try await connection.send(Frames.request(1))
                let answer = try await connection.nextAnswer()
                #expect(answer.code == .ok)
            }
        }
    }

    @Test("The socket of a dead server is replaced; anything else is left alone")
    func leftovers() async throws {
        let path = TemporarySocket.path()
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(dead, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(dead)
        #expect(Self.exists(path))
        try await withServer(EchoHandler(), configure: { $0.socketPath = path }) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            _ = try await client.echo(.init(), options: CallOptions(waitsForConnection: true))
            await client.close()
        }

        let file = open(path, O_CREAT | O_RDWR, 0o600)
        #expect(write(file, "precious", 8) == 8)
        close(file)
        #expect(Self.failure(path)?.contains("is no socket") == true)
        let link = path + ".link"
        #expect(symlink(path, link) == 0)
        #expect(Self.failure(link)?.contains("is no socket") == true)
        #expect(Self.exists(path))
        unlink(path)
        unlink(link)
    }

    @Test("The socket has the mode that was asked for, whatever the umask")
    func mode() async throws {
        try await withServer(EchoHandler(), configure: { $0.socketMode = 0o620 }) { _, path in
            try await RawConnection.with(path) { connection, _ in try await connection.shakeHands()
            }
            var status = stat()
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o620)
        }
    }

    @Test("A server that stops does not remove a socket that is no longer its own")
    func replaced() async throws {
        let file = try SocketFile(claiming: TemporarySocket.path())
        let other = open(file.path, O_CREAT | O_RDWR, 0o600)
        close(other)
        file.release()
        #expect(Self.exists(file.path))
        unlink(file.path)
    }
}
