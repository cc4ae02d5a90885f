import FoundationEssentials
import Logging
import ProgressChain
import ProgressPostgres
import ProgressRPC
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("What the log tells", .requiresPostgres, .timeLimit(.minutes(2)))
struct LogSecrecyTests {
    @Test func aWrongPasswordIsNeitherLoggedNorTold() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        try await database.execute("CREATE ROLE reader LOGIN PASSWORD 'right'")
        let rules = "local all reader scram-sha-256\nlocal all all trust\n"
        let file = "\(cluster.dataDirectory)/pg_hba.conf"
        #expect(FileManager.default.createFile(atPath: file, contents: Data(rules.utf8)))
        try await database.execute("SELECT pg_reload_conf()")
        let conninfo = cluster.conninfo(database: "amp") + " user=reader password=verysecret"
        let isChecked = try await eventually {
            try await onThread { (try? PostgresSession(conninfo: conninfo)) == nil }
        }
        #expect(isChecked)
        let log = CapturedLog()
        let observer = LogObserver(logger: log.logger)
        let configuration = ProgressEngine.Configuration(conninfo: conninfo)
        try await withService(configuration, observe: observer.observe) { _, client in
            let error = try #require(await rpcError { try await client.jobProgress(1) })
            #expect(error.reason == "DATABASE_UNAVAILABLE")
            #expect(!"\(error)".contains("verysecret") && !"\(error)".contains("reader"))
        }
        let text = log.text
        #expect(text.contains("28P01"), "\(text)")
        #expect(!text.contains("verysecret"))
    }

    @Test func oneBadRowIsOneLineAMinuteAndCannotForgeAnother() {
        let log = CapturedLog()
        let observer = LogObserver(logger: log.logger)
        let table = JobTable(
            name: "blocks\n2026-01-01 notice all is well",
            dataset: DatasetName(namespace: "eth", name: "main"),
            manifestHash: "h",
            revision: RevisionID(rawValue: 7)
        )
        for number in [1, 1, 1, 2] as [Int64] {
            let file = UndecodableFile(
                id: FileID(rawValue: number),
                reason: .negativeSize(-1)
            )
            observer.observe(.fileUndecodable(table, file))
        }
        #expect(log.lines.count == 2)
        #expect(log.lines.allSatisfy { $0.contains("warning") && !$0.contains("\n") })
        #expect(log.lines[0].contains(#"blocks\u{a}2026"#))
        #expect(log.lines[0].contains("file.id=1"))
        #expect(log.lines[1].contains("file.id=2"))
    }
}

/// The lines of a log, kept.
private final class CapturedLog: Sendable {
    private let written = Mutex<[String]>([])

    var lines: [String] { self.written.withLock { $0 } }
    var text: String { self.lines.joined(separator: "\n") }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
            let line = "\(event.level) \(event.message) \(values.joined(separator: " "))"
            self.log.written.withLock { $0.append(line) }
        }
    }
}
