/// The values in an array, or the members of an object, as they stand in the text.
///
/// What is passed on must not change on the way: a decoder would round numbers and lose the order
/// of members.
///
/// - Parameter text: One array or object of well-formed JSON.
func jsonPieces(of text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var depth = 0
    var start = text.startIndex
    var isInString = false
    var isEscaped = false
    for index in text.indices {
        let byte = text[index]
        if isInString {
            isInString = byte != UInt8(ascii: "\"") || isEscaped
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            continue
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            depth += 1
            if depth == 1 { start = index + 1 }
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            depth -= 1
            guard depth == 0 else { continue }
            let piece = withoutBlanks(text[start..<index])
            if !piece.isEmpty { pieces.append(piece) }
        case UInt8(ascii: ",") where depth == 1:
            pieces.append(withoutBlanks(text[start..<index]))
            start = index + 1
        default: break
        }
    }
    return pieces
}

/// The value of a member of an object as it stands in the text; `nil` if there is none.
///
/// - Parameters:
///   - name: ASCII, and in the text without escapes.
///   - text: One object of well-formed JSON.
func jsonMember(_ name: String, of text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let key = Array("\"\(name)\"".utf8)
    for piece in jsonPieces(of: text) where piece.starts(with: key) {
        let rest = withoutBlanks(piece.dropFirst(key.count))
        if rest.first == UInt8(ascii: ":") { return withoutBlanks(rest.dropFirst()) }
    }
    return nil
}

/// Whether JSON has no meaning for `byte` between values.
func isJSONBlank(_ byte: UInt8) -> Bool {
    [0x20, 0x09, 0x0A, 0x0D].contains(byte)
}

private func withoutBlanks(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let rest = text.drop(while: isJSONBlank)
    let blankCount = rest.reversed().prefix(while: isJSONBlank).count
    return rest.dropLast(blankCount)
}
