import FoundationEssentials

/// The file of `--config`: a JSON object of strings, keyed by the options' names.
enum ConfigurationFile {
    /// - Throws: ``ConfigurationError`` if the file cannot be read, is no such object, or has a key
    ///   that is not in `allowed`.
    static func read(path: String, allowed: Set<String>) throws(ConfigurationError) -> [String:
        String]
    {
        let content: Data
        do {
            content = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ConfigurationError(
                "--config is '\(path)', which cannot be read; name a file that can"
            )
        }
        guard let values = try? JSONDecoder().decode([String: String].self, from: content) else {
            throw ConfigurationError(
                "--config is '\(path)', which is not a JSON object whose values are all strings"
            )
        }
        guard let unknown = values.keys.filter({ !allowed.contains($0) }).min() else {
            return values
        }
        let names = allowed.sorted().joined(separator: ", ")
        throw ConfigurationError("unknown key '\(unknown)' in '\(path)'; allowed are \(names)")
    }
}
