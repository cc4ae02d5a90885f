import Foundation

/// The files of `protocol/vectors`, which any implementation can be tested with.
package enum ProtocolVectors {
    /// Reads a file.
    ///
    /// - Parameter name: Without the folder, such as `frames.json`.
    package static func load<Content: Decodable>(
        _ name: String,
        as type: Content.Type
    ) throws -> Content {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../protocol/vectors/\(name)").standardized
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(contentsOf: url))
    }

    /// Bytes from hexadecimal digits; `nil` for anything else.
    package static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
