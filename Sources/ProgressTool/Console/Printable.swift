/// `text` with every character that could move a cursor or hide another one written as an escape.
///
/// Table names, statuses and error messages come from elsewhere: control characters, line breaks,
/// bidirectional overrides and other invisible format characters appear as `\u{1b}`, and a
/// backslash stays what it is.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        if isUnprintable(scalar) {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        true
    default:
        false
    }
}
