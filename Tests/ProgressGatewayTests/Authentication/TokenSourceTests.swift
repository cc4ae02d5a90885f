import FoundationEssentials
import Glibc
import Logging
import ProgressTokens
import Testing

@testable import ProgressGateway

struct TokenSourceTests {
    private static func logger(_ log: LogCapture) -> Logger {
        Logger(label: "test") { _ in JSONLogHandler(lines: log.lines) }
    }

    @Test func aFileThatCannotBeReadAtTheStartIsAnError() throws {
        try withTemporaryDirectory { directory in
            #expect(throws: TokenFileError.self) {
                _ = try TokenSource(
                    store: TokenFileStore(path: directory + "/absent"),
                    logger: Self.logger(LogCapture())
                )
            }
        }
    }

    @Test(
        "A file that went bad changes nothing and is reported once",
        arguments: ["{", #"{"tokens":[{"id":"x"}]}"#, ""]
    )
    func badFile(_ content: String) throws {
        try withTemporaryDirectory { directory in
            let log = LogCapture()
            let store = TokenFileStore(path: directory + "/tokens.json")
            let secret = try store.create(name: "a", scopes: [.jobs], notAfter: nil).secret
            let source = try TokenSource(store: store, logger: Self.logger(log))
            try Data(content.utf8).write(to: URL(filePath: store.path))
            for _ in 0..<3 { source.reload() }
            #expect(source.ring.verify(secret, at: .now).refusal == nil)
            #expect(log.text.split(separator: "\n").count == 1)
            #expect(log.text.contains("the tokens known before stay valid"))
        }
    }

    @Test func aFileThatIsGoneChangesNothing() throws {
        try withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            let secret = try store.create(name: "a", scopes: [.jobs], notAfter: nil).secret
            let source = try TokenSource(store: store, logger: Self.logger(LogCapture()))
            #expect(unlink(store.path) == 0)
            source.reload()
            #expect(source.ring.verify(secret, at: .now).refusal == nil)
        }
    }

    @Test func aTokenThatIsRemovedOrDisabledIsRefusedAfterTheNextReading() throws {
        try withTemporaryDirectory { directory in
            let log = LogCapture()
            let store = TokenFileStore(path: directory + "/tokens.json")
            let first = try store.create(name: "a", scopes: [.jobs], notAfter: nil)
            let source = try TokenSource(store: store, logger: Self.logger(log))
            _ = try store.revoke("a")
            #expect(source.ring.verify(first.secret, at: .now).refusal == nil)
            source.reload()
            #expect(
                source.ring.verify(first.secret, at: .now).refusal
                    == "token '\(first.record.id)' is disabled"
            )
            try Data(#"{"tokens":[]}"#.utf8).write(to: URL(filePath: store.path))
            source.reload()
            #expect(
                source.ring.verify(first.secret, at: .now).refusal
                    == "no token has the id '\(first.record.id)'"
            )
            source.reload()
            #expect(log.text.split(separator: "\n").count == 2)
        }
    }
}
