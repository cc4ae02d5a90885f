/// What became of a token that was presented.
///
/// All but ``accepted(_:)`` look the same to the caller.
package enum TokenVerdict: Sendable {
    case accepted(TokenRecord)
    /// Not written as a token.
    case notAToken(TokenFormatError)
    /// No record has this id.
    case unknown(TokenID)
    /// The id is known, the secret is another.
    case wrongSecret(TokenID)
    /// The right secret of a token that was revoked.
    case disabled(TokenRecord)
    /// The right secret of a token whose time is over.
    case expired(TokenRecord)

    /// Why the token is refused, for a log and for the token's owner; `nil` if it is accepted.
    package var refusal: String? {
        switch self {
        case .accepted: nil
        case .notAToken(let error): "\(error)"
        case .unknown(let id): "no token has the id '\(id)'"
        case .wrongSecret(let id): "the secret is not that of token '\(id)'"
        case .disabled(let record): "token '\(record.id)' is disabled"
        case .expired(let record): "token '\(record.id)' has expired"
        }
    }
}
