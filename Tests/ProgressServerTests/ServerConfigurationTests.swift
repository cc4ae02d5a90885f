import FoundationEssentials
import Logging
import ProgressRPC
import Testing

@testable import ProgressServer

struct ServerConfigurationTests {
    static let required = ["socket": "/tmp/s", "database": "dbname=x"]

    func configuration(
        _ options: [String: String],
        environment: [String: String] = [:]
    ) throws(ConfigurationError) -> ServerConfiguration {
        try ServerConfiguration(options: options, environment: environment)
    }

    func message(
        _ options: [String: String],
        environment: [String: String] = [:]
    ) -> String? {
        do throws(ConfigurationError) {
            _ = try self.configuration(options, environment: environment)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func defaultsFillWhatIsNotGiven() throws {
        let configuration = try self.configuration(Self.required)
        #expect(configuration.poolSize == 2)
        #expect(configuration.cacheByteLimit == 512 << 20)
        #expect(!configuration.allowsStandby)
        #expect(configuration.logLevel == .info)
        #expect(configuration.peers == .ownUserIsTrusted)
        #expect(!configuration.isDefaultSocket)
    }

    @Test func theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws {
        let file = NamedFile(
            #"{"socket": "/file", "database": "file", "pool-size": "3", "log-level": "error"}"#
        )
        let configuration = try self.configuration(
            ["config": file.path, "socket": "/flag"],
            environment: [
                "PROGRESS_SOCKET": "/environment", "PROGRESS_DATABASE": "environment",
                "PROGRESS_POOL_SIZE": "2",
            ]
        )
        #expect(configuration.socketPath == "/flag")
        #expect(configuration.database == "environment")
        #expect(configuration.poolSize == 2)
        #expect(configuration.logLevel == .error)
    }

    @Test(arguments: ["0", "65", "-1", "+4", "4.0", "four", "", "99999999999999999999"])
    func aPoolSizeOutsideOfItsRangeIsNamed(_ size: String) throws {
        let message = try #require(
            self.message(Self.required.merging(["pool-size": size]) { $1 })
        )
        #expect(message == "--pool-size is '\(size)'; it must be between 1 and 64")
    }

    @Test func eachBadValueIsNamedWithWhatIsAllowed() {
        #expect(self.message(["socket": "/s"])?.hasPrefix("--database is not given") == true)
        #expect(
            self.message(Self.required.merging(["log-level": "loud"]) { $1 })?
                .contains("allowed are trace, debug") == true
        )
        let long = String(repeating: "x", count: 108)
        #expect(
            self.message(["socket": long, "database": "x"])?
                .hasSuffix("108 bytes long; it must have 1 to 107") == true
        )
        #expect(
            self.message(["socket": String(repeating: "x", count: 107), "database": "x"]) == nil
        )
        #expect(
            self.message(Self.required.merging(["config": "/nowhere"]) { $1 })
                == "--config is '/nowhere', which cannot be read"
        )
    }

    @Test func aKeyOfTheFileThatDoesNotExistIsNamed() throws {
        let file = NamedFile(#"{"sokcet": "/s"}"#)
        let message = try #require(
            self.message(Self.required.merging(["config": file.path]) { $1 })
        )
        #expect(message.contains("'sokcet'"))
        #expect(message.contains("socket"))
    }

    @Test func theSummaryDoesNotShowTheConnectionString() throws {
        let configuration = try self.configuration(["socket": "/s", "database": "password=secret"])
        #expect(!"\(configuration.summary)".contains("secret"))
    }

    @Test(arguments: [
        "password=my secret host=x", "password='secret dbname=x", "pasword=secret",
        "postgres://u:secret@[::1", "postgres://u:secret%zz@h/x", "postgres://u:se/cret@h/x",
        "postgresql://u:pass@secret@h/x", "host=h port=secret",
    ])
    func aConnectionStringWithASlipIsRefusedAndNotShown(_ conninfo: String) throws {
        let message = try #require(self.message(["socket": "/s", "database": conninfo]))
        #expect(message.hasPrefix("--database "))
        for word in ["secret", "cret", "pass@", "zz"] {
            #expect(!message.contains(word), "\(message)")
        }
    }

    @Test(arguments: [
        "amp", "dbname=amp", "host=/run/postgresql,db2 port=5432,5433 dbname=amp",
        "host=@abstract", "postgres://u:p%40ss%2F@h:5432,i/amp?target_session_attrs=read-write",
        "postgresql:///amp?host=/run", "password='it\\'s @ / :' user=u",
    ])
    func aConnectionStringThatLibpqReadsIsTaken(_ conninfo: String) throws {
        let configuration = try self.configuration(["socket": "/s", "database": conninfo])
        #expect(configuration.database == conninfo)
    }

    @Test func schemaTakesTheDatabaseOnEitherSideAndNothingThatItDoesNotUse() throws {
        for arguments in [
            ["--database", "dbname=x", "schema", "status"],
            ["schema", "--database", "dbname=x", "init"],
            ["schema", "status", "--database", "dbname=x"],
        ] {
            _ = try ServerCommand(arguments: arguments, environment: [:])
        }
        for option in ["socket", "peers", "pool-size", "log-level"] {
            do throws(ConfigurationError) {
                _ = try ServerCommand(
                    arguments: ["--\(option)", "1", "schema", "status", "--database", "x"],
                    environment: [:]
                )
                Issue.record("--\(option) was ignored")
            } catch {
                #expect(error.description.hasPrefix("--\(option) is given"))
            }
        }
    }

    @Test func schemaReadsTheFile() throws {
        let file = NamedFile(#"{"database": "dbname=from_file", "socket": "/s"}"#)
        _ = try ServerCommand(
            arguments: ["--config", file.path, "schema", "status"],
            environment: [:]
        )
        let bad = NamedFile(#"{"database": "port=x"}"#)
        #expect(throws: ConfigurationError.self) {
            try ServerCommand(
                arguments: ["--config", bad.path, "schema", "init"],
                environment: [:]
            )
        }
    }

    @Test func anUnknownOptionIsAConfigurationError() {
        for arguments in [["--bogus"], ["schema"], ["schema", "status"], ["serve", "more"]] {
            #expect(throws: ConfigurationError.self) {
                try ServerCommand(arguments: arguments, environment: [:])
            }
        }
    }
}

struct PeerRulesTests {
    @Test func theFirstRuleThatFitsDecides() throws {
        let rules = try PeerRules(
            parsing: Data(
                #"""
                [{"uid": 7, "role": "gateway"}, {"gid": 8, "role": "observer"},
                 {"user": "root", "role": "trusted"}, {"group": "root", "role": "observer"}]
                """#.utf8
            )
        )
        let cases: [(user: UInt32, group: UInt32, role: PeerRole?)] = [
            (7, 8, .gateway), (9, 8, .observer), (0, 0, .trusted), (9, 0, .observer), (9, 9, nil),
            (65_534, 8, nil),
        ]
        for (user, group, role) in cases {
            let peer = PeerCredentials(processID: 1, userID: user, groupID: group)
            #expect(rules.role(of: peer) == role)
        }
    }

    @Test(arguments: [
        ("{}", "not a JSON array"),
        (#"[{"uid": -1, "role": "trusted"}]"#, "not a JSON array"),
        (#"[{"uid": 1}]"#, #"entry 1 has no valid "role""#),
        (#"[{"uid": 1, "role": "admin"}]"#, "allowed are"),
        (#"[{"role": "trusted"}]"#, "entry 1 has 0 keys"),
        (#"[{"uid": 1, "gid": 1, "role": "trusted"}]"#, "entry 1 has 2 keys"),
        (#"[{"uid": "1", "role": "trusted"}]"#, "wrong kind"),
        (#"[{"who": "x", "role": "trusted"}]"#, "wrong kind"),
        (#"[{"user": "no such user", "role": "trusted"}]"#, "does not exist"),
        (#"[{"group": "no such group", "role": "trusted"}]"#, "does not exist"),
    ])
    func eachMistakeIsNamed(_ row: (file: String, words: String)) {
        do throws(ConfigurationError) {
            let rules = try PeerRules(parsing: Data(row.file.utf8))
            Issue.record("accepted as \(rules)")
        } catch {
            #expect(error.description.contains(row.words), "\(error)")
        }
    }
}

/// A file under `/tmp`, removed with the value.
private final class NamedFile {
    let path = "/tmp/progress-test-\(UInt64.random(in: 0 ... .max)).json"

    init(_ content: String) {
        _ = FileManager.default.createFile(atPath: self.path, contents: Data(content.utf8))
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }
}
