/// Drops the spaces that PostgreSQL puts after `:` and `,`, as Amp's answers have none.
///
/// - Parameter text: Valid JSON, as `jsonb` prints it.
func compactJSON(_ text: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var isInString = false
    var isEscaped = false
    for index in text.indices {
        let byte = text[index]
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
        } else if byte == UInt8(ascii: " ") {
            continue
        } else if byte == UInt8(ascii: "\"") {
            isInString = true
        }
        bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
}
