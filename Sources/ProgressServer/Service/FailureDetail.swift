/// The part of a failure's detail that everybody who sees the job may see.
enum FailureDetail {
    private static let publicKeys = ["error_code", "error_message"]

    /// Keeps the code and the message, if they are strings, and drops everything else.
    ///
    /// - Parameter json: Valid JSON without spaces between its tokens.
    /// - Returns: `nil` if it is not an object.
    static func redacted(_ json: String) -> String? {
        let bytes = Array(json.utf8)
        guard bytes.first == UInt8(ascii: "{") else { return nil }
        var kept: [String: ArraySlice<UInt8>] = [:]
        var offset = 1
        while offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") {
            let keyEnd = self.endOfValue(in: bytes, from: offset)
            guard keyEnd >= offset + 2 else { break }
            let key = String(decoding: bytes[offset + 1..<keyEnd - 1], as: UTF8.self)
            let valueStart = keyEnd + 1
            guard valueStart < bytes.count else { break }
            let valueEnd = self.endOfValue(in: bytes, from: valueStart)
            if self.publicKeys.contains(key), bytes[valueStart] == UInt8(ascii: "\"") {
                kept[key] = bytes[valueStart..<valueEnd]
            }
            // Behind the comma, or behind the closing brace.
            offset = valueEnd + 1
        }
        let members = self.publicKeys.compactMap { key in
            kept[key].map { "\"\(key)\":\(String(decoding: $0, as: UTF8.self))" }
        }
        return "{\(members.joined(separator: ","))}"
    }

    /// The offset behind the string, number, word, array or object that begins at `start`.
    private static func endOfValue(in bytes: [UInt8], from start: Int) -> Int {
        var depth = 0
        var offset = start
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset = self.endOfString(in: bytes, from: offset)
                if depth == 0 { return offset }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return offset }
                depth -= 1
                if depth == 0 { return offset + 1 }
            case UInt8(ascii: ",") where depth == 0:
                return offset
            default:
                break
            }
            offset += 1
        }
        return offset
    }

    private static func endOfString(in bytes: [UInt8], from start: Int) -> Int {
        var offset = start + 1
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(offset + 1, bytes.count)
    }
}
