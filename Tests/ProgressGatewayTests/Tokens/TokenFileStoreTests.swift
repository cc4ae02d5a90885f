import FoundationEssentials
import Glibc
import Testing

@testable import ProgressTokens

struct TokenFileStoreTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func aTokenThatIsCreatedIsAccepted() throws {
        try withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            let created = try store.create(
                name: "grafana",
                scopes: [.jobs, .details],
                notAfter: nil,
                now: Self.now
            )
            guard case .accepted(let record) = try store.verify(created.secret, at: Self.now) else {
                Issue.record("the token is refused")
                return
            }
            #expect(record.id == created.record.id)
            #expect(record.scopes == [.jobs, .details])
            #expect(record.createdAt == Self.now)
            let content = try #require(FileManager.default.contents(atPath: store.path))
            #expect(!String(decoding: content, as: UTF8.self).contains(created.secret))
        }
    }

    @Test func aNewFileIsForItsOwnerAndGroupOnly() throws {
        try withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            _ = try store.create(name: "a", scopes: [.jobs], notAfter: nil)
            #expect(try mode(of: store.path) == 0o640)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory) == ["tokens.json"]
            )
        }
    }

    @Test func theModeOfAFileIsKept() throws {
        try withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            _ = try store.create(name: "a", scopes: [.jobs], notAfter: nil)
            #expect(chmod(store.path, 0o600) == 0)
            _ = try store.create(name: "b", scopes: [.jobs], notAfter: nil)
            #expect(try mode(of: store.path) == 0o600)
            #expect(try store.read().records.map(\.name) == ["a", "b"])
        }
    }

    @Test func aFileThatEveryoneMayWriteIsRefused() throws {
        try withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            _ = try store.create(name: "a", scopes: [.jobs], notAfter: nil)
            #expect(chmod(store.path, 0o666) == 0)
            let path = GuardedFile(path: store.path).path
            #expect(
                throws: TokenFileError(
                    "'\(path)' can be written by everyone; take that away with chmod o-w"
                )
            ) { try store.read() }
        }
    }

    @Test func whatIsNoRegularFileIsRefused() throws {
        try withTemporaryDirectory { directory in
            #expect(throws: TokenFileError.self) { try TokenFileStore(path: directory).read() }
            #expect(throws: TokenFileError.self) {
                try TokenFileStore(path: directory + "/absent").read()
            }
            #expect(mkfifo(directory + "/fifo", 0o600) == 0)
            #expect(throws: TokenFileError.self) {
                try TokenFileStore(path: directory + "/fifo").read()
            }
        }
    }

    @Test func aBrokenFileIsNotReplaced() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/tokens.json"
            try Data("{".utf8).write(to: URL(filePath: path))
            #expect(throws: TokenFileError("the file is not JSON")) {
                try TokenFileStore(path: path).create(name: "a", scopes: [.jobs], notAfter: nil)
            }
            #expect(FileManager.default.contents(atPath: path) == Data("{".utf8))
        }
    }

    @Test func aLinkIsFollowed() throws {
        try withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            _ = try store.create(name: "a", scopes: [.jobs], notAfter: nil)
            #expect(symlink(store.path, directory + "/link") == 0)
            _ = try TokenFileStore(path: directory + "/link")
                .create(name: "b", scopes: [.jobs], notAfter: nil)
            #expect(try store.read().records.map(\.name) == ["a", "b"])
        }
    }

    @Test func aNameIsTakenUntilItsTokenIsRevoked() throws {
        try withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            let first = try store.create(name: "a", scopes: [.jobs], notAfter: nil)
            #expect(throws: TokenFileError.self) {
                try store.create(name: "a", scopes: [.jobs], notAfter: nil)
            }
            #expect(try store.revoke("a").id == first.record.id)
            #expect(try store.revoke(first.record.id.rawValue).isDisabled)
            _ = try store.create(name: "a", scopes: [.jobs], notAfter: nil)
            #expect(try store.read().records.map(\.isDisabled) == [true, false])
        }
    }

    @Test func changesMadeAtOnceAreAllKept() async throws {
        try await withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            try await withThrowingDiscardingTaskGroup { group in
                for index in 0..<8 {
                    group.addTask {
                        _ = try store.create(name: "t\(index)", scopes: [.jobs], notAfter: nil)
                    }
                }
            }
            #expect(Set(try store.read().records.map(\.name)).count == 8)
        }
    }

    private func mode(of path: String) throws -> mode_t {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o7777
    }
}
