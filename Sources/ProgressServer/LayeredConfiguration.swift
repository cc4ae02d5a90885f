import Configuration
import FoundationEssentials

/// The text of each option, from the first layer that has it: command line, environment, file.
struct LayeredConfiguration {
    private let reader: ConfigReader

    /// - Throws: ``ConfigurationError`` if the file of `--config` cannot be used.
    init(
        options: [String: String],
        environment: [String: String],
        keys: Set<String>
    ) throws(ConfigurationError) {
        var providers: [any ConfigProvider] = [
            Self.provider("command line", options),
            EnvironmentVariablesProvider(environmentVariables: environment),
        ]
        let withoutFile = ConfigReader(providers: providers).scoped(to: "progress")
        if let path = withoutFile.string(forKey: "config") {
            providers.append(Self.provider("file", try Self.file(at: path, keys: keys)))
        }
        self.reader = ConfigReader(providers: providers).scoped(to: "progress")
    }

    subscript(key: String) -> String? { self.reader.string(forKey: ConfigKey(key)) }

    private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
        let pairs = values.map { key, value in
            (AbsoluteConfigKey(["progress", key]), ConfigValue(.string(value), isSecret: true))
        }
        return InMemoryProvider(
            name: name,
            values: Dictionary(pairs) { first, _ in first }
        )
    }

    private static func file(
        at path: String,
        keys: Set<String>
    ) throws(ConfigurationError) -> [String: String] {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError("--config is '\(path)', which cannot be read")
        }
        guard let values = try? JSONDecoder().decode([String: String].self, from: content) else {
            throw ConfigurationError(
                "--config is '\(path)', which is not a JSON object whose values are strings"
            )
        }
        if let unknown = values.keys.filter({ !keys.contains($0) }).min() {
            throw ConfigurationError(
                "--config '\(path)' has the key '\(unknown)'; allowed are "
                    + keys.sorted().joined(separator: ", ")
            )
        }
        return values
    }
}
