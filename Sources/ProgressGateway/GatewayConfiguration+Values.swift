import Logging
import ProgressRPC
import ProgressTokens

/// How the text of each option is read.
extension GatewayConfiguration {
    static func socketPath(_ given: String?, runtimeDirectory: String?, isRoot: Bool)
        throws(ConfigurationError) -> String
    {
        let standard = SocketPath.standard(runtimeDirectory: runtimeDirectory, isRoot: isRoot)
        guard let path = given ?? standard else {
            throw ConfigurationError(
                "--socket is not given and XDG_RUNTIME_DIR is not set; give --socket PATH"
            )
        }
        guard 1...Limits.socketPathByteCount ~= path.utf8.count else {
            throw ConfigurationError(
                "--socket is '\(path)', \(path.utf8.count) bytes long; "
                    + "it must have 1 to \(Limits.socketPathByteCount)"
            )
        }
        return path
    }

    static func scopes(_ text: String) throws(ConfigurationError) -> [Scope] {
        var scopes: [Scope] = []
        for word in text.split(separator: " ") {
            do {
                scopes.append(try Scope(parsing: String(word)))
            } catch {
                throw ConfigurationError("--anonymous-scope is '\(text)'; \(error)")
            }
        }
        if let objection = Grants.objection(to: scopes) {
            throw ConfigurationError("--anonymous-scope \(objection)")
        }
        return scopes
    }

    static func timeout(_ text: String) throws(ConfigurationError) -> Duration {
        let duration: Duration? =
            if text.hasSuffix("ms") {
                Self.wholeNumber(text.dropLast(2)).map { .milliseconds($0) }
            } else if text.hasSuffix("s") {
                Self.wholeNumber(text.dropLast(1)).map { .seconds($0) }
            } else {
                nil
            }
        guard let duration, .milliseconds(10)...(.seconds(60)) ~= duration else {
            throw ConfigurationError(
                "--rpc-timeout is '\(text)'; it must be between 10ms and 60s, such as 500ms or 2s"
            )
        }
        return duration
    }

    static func level(_ text: String) throws(ConfigurationError) -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            let allowed = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError("--log-level is '\(text)'; allowed are \(allowed)")
        }
        return level
    }

    /// Up to six digits and nothing else.
    private static func wholeNumber(_ text: Substring) -> Int? {
        guard 1...6 ~= text.utf8.count, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        return Int(text)
    }
}
