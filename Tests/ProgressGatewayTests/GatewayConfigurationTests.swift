import ArgumentParser
import FoundationEssentials
import Logging
import ProgressTokens
import Testing

@testable import ProgressGateway

struct GatewayConfigurationTests {
    private static let complete = ["socket": "/run/x.sock", "tokens": "/etc/tokens.json"]

    private static func read(
        _ options: [String: String] = complete,
        _ environment: [String: String] = [:]
    ) throws -> GatewayConfiguration {
        try GatewayConfiguration(options: options, environment: environment)
    }

    private static func message(
        _ options: [String: String],
        _ environment: [String: String] = [:]
    ) -> String? {
        do {
            _ = try Self.read(options, environment)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func whatIsNotGivenHasADefault() throws {
        let configuration = try Self.read()
        #expect(configuration.listen.description == "127.0.0.1:1610")
        #expect(configuration.rpcTimeout == .seconds(2))
        #expect(configuration.logLevel == .info)
        #expect(configuration.anonymousScopes == nil)
    }

    @Test func theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/gateway.json"
            let file = #"{"listen":"127.0.0.1:3","rpc-timeout":"3s","log-level":"error"}"#
            try Data(file.utf8).write(to: URL(filePath: path))
            var options = Self.complete
            options["listen"] = "127.0.0.1:1"
            options["config"] = path
            let configuration = try Self.read(
                options,
                ["PROGRESS_LISTEN": "127.0.0.1:2", "PROGRESS_RPC_TIMEOUT": "2500ms"]
            )
            #expect(configuration.listen.port == 1)
            #expect(configuration.rpcTimeout == .milliseconds(2500))
            #expect(configuration.logLevel == .error)
        }
    }

    @Test func everyOptionHasAVariable() throws {
        let configuration = try Self.read(
            [:],
            [
                "PROGRESS_SOCKET": "/s", "PROGRESS_LISTEN": "localhost:5", "PROGRESS_TOKENS": "/t",
                "PROGRESS_ANONYMOUS_SCOPE": "jobs:read details:read", "PROGRESS_RPC_TIMEOUT": "60s",
                "PROGRESS_LOG_LEVEL": "trace",
            ]
        )
        #expect(configuration.socketPath == "/s")
        #expect(configuration.listen.port == 5)
        #expect(configuration.tokensPath == "/t")
        #expect(configuration.anonymousScopes == [.jobs, .details])
        #expect(configuration.rpcTimeout == .seconds(60))
        #expect(configuration.logLevel == .trace)
    }

    @Test(
        "A bad value is named with what is allowed",
        arguments: [
            ("listen", "1610", "--listen is '1610'; it must be HOST:PORT"),
            ("listen", "127.0.0.1:65536", "--listen is '127.0.0.1:65536'; it must be"),
            ("listen", ":1", "--listen is ':1'; it must be"),
            ("listen", "::1:1610", "--listen is '::1:1610'; it must be"),
            ("rpc-timeout", "2", "--rpc-timeout is '2'; it must be between 10ms and 60s"),
            ("rpc-timeout", "9ms", "--rpc-timeout is '9ms'; it must be between 10ms and 60s"),
            ("rpc-timeout", "61s", "--rpc-timeout is '61s'; it must be between 10ms and 60s"),
            ("rpc-timeout", "-1s", "--rpc-timeout is '-1s'; it must be between 10ms and 60s"),
            ("log-level", "loud", "--log-level is 'loud'; allowed are trace, debug"),
            ("anonymous-scope", "all", "--anonymous-scope is 'all'; 'all' is not a scope"),
            ("anonymous-scope", " ", "--anonymous-scope has 0 scopes"),
            ("socket", "", "--socket is '', 0 bytes long; it must have 1 to 107"),
            ("socket", "/" + String(repeating: "s", count: 107), "108 bytes long"),
            ("config", "/nonexistent", "--config is '/nonexistent', which cannot be read"),
        ]
    )
    func badValue(option: String, value: String, expected: String) throws {
        var options = Self.complete
        options[option] = value
        let message = try #require(Self.message(options))
        #expect(message.contains(expected))
        #expect(!message.contains("\n"))
    }

    @Test func aFileWithAnUnknownKeyIsRefused() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/gateway.json"
            try Data(#"{"listne":"127.0.0.1:3"}"#.utf8).write(to: URL(filePath: path))
            #expect(Self.message(["config": path])?.hasPrefix("unknown key 'listne'") == true)
            try Data(#"{"listen":3}"#.utf8).write(to: URL(filePath: path))
            #expect(Self.message(["config": path])?.contains("not a JSON object") == true)
        }
    }

    @Test func withoutCredentialsItDoesNotStart() {
        #expect(
            Self.message(["socket": "/s"])?.hasPrefix("no credentials are configured") == true
        )
    }

    @Test(
        "Anonymous callers are allowed on loopback only",
        arguments: [
            ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("[::1]:1", true), ("localhost:1", true),
            ("0.0.0.0:1", false), ("[::]:1", false), ("10.0.0.1:1", false),
            ("127.0.0.1.evil.org:1", false),
            ("127.evil.org.x:1", false), ("localhost.evil.org:1", false), ("128.0.0.1:1", false),
        ]
    )
    func loopback(listen: String, isAllowed: Bool) {
        let message = Self.message([
            "socket": "/s", "anonymous-scope": "jobs:read", "listen": listen,
        ])
        #expect((message == nil) == isAllowed)
        #expect(isAllowed || message?.contains("anonymous callers are allowed only on") == true)
    }

    @Test func theDefaultSocketDependsOnWhoStartsIt() throws {
        typealias Configuration = GatewayConfiguration
        #expect(
            try Configuration.socketPath(nil, runtimeDirectory: "/run/user/1", isRoot: false)
                == "/run/user/1/progress/rpc.sock"
        )
        #expect(
            try Configuration.socketPath(nil, runtimeDirectory: "/run/user/0", isRoot: true)
                == "/run/progress/rpc.sock"
        )
        #expect(throws: ConfigurationError.self) {
            try Configuration.socketPath(nil, runtimeDirectory: nil, isRoot: false)
        }
    }

    @Test func theOptionsOfTheCommandLineAreThoseOfTheEnvironmentAndFile() throws {
        let options = try GatewayOptions.parse([
            "--socket", "a", "--listen", "b", "--tokens", "c", "--anonymous-scope", "d",
            "--rpc-timeout",
            "e", "--log-level", "f", "--config", "g",
        ])
        #expect(Set(options.values.keys) == GatewayConfiguration.keys.union(["config"]))
        #expect(options.values.values.sorted() == ["a", "b", "c", "d", "e", "f", "g"])
    }
}
