/// Why a text is not an API token.
package enum TokenFormatError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not `amppt_`, 42 letters and digits, `_` and six more.
    case malformed
    /// The last six characters do not fit the rest: a typing or copying mistake.
    case wrongChecksum

    package var description: String {
        switch self {
        case .malformed:
            "not an API token; one is 'amppt_', 42 letters and digits, '_' and six more"
        case .wrongChecksum:
            "the token's checksum is wrong; it was mistyped or cut"
        }
    }
}
