/// JSON with each member and element on a line of its own, indented by two spaces, numbers and the
/// order of members as they are.
///
/// - Parameter text: Well-formed JSON.
func indentedJSON(_ text: [UInt8]) -> [String] {
    var lines: [String] = []
    var line: [UInt8] = []
    var depth = 0
    var isInString = false
    var isEscaped = false
    func endLine() {
        lines.append(printable(String(decoding: line, as: UTF8.self)))
        line = [UInt8](repeating: UInt8(ascii: " "), count: 2 * depth)
    }
    for (index, byte) in text.enumerated() where isInString || !isJSONBlank(byte) {
        if isInString {
            isInString = byte != UInt8(ascii: "\"") || isEscaped
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            line.append(byte)
            continue
        }
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            line.append(byte)
            depth += 1
            let isEmpty = text[(index + 1)...].first { !isJSONBlank($0) } == byte + 2
            if !isEmpty { endLine() }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            // Nothing is between them.
            if line.last != byte - 2 { endLine() }
            line.append(byte)
        case UInt8(ascii: ","):
            line.append(byte)
            endLine()
        case UInt8(ascii: ":"):
            line += [byte, UInt8(ascii: " ")]
        default:
            isInString = byte == UInt8(ascii: "\"")
            line.append(byte)
        }
    }
    endLine()
    return lines
}
