import FoundationEssentials
import HTTPTypes
import ProgressTokens

/// Finds out who sends a request.
struct Authenticator: Sendable {
    /// The tokens that open the gateway; `nil` if none are configured.
    let tokens: TokenSource?
    /// Who a caller without a credential is; `nil`: it is refused.
    let anonymous: Principal?

    /// - Throws: ``HTTPFailure`` by the table below, with the true reason for the log.
    ///
    /// | credential | status | challenge |
    /// |---|---|---|
    /// | none, and none needed | – | |
    /// | none | 401 `UNAUTHENTICATED` | realm only |
    /// | malformed, or two | 400 `INVALID_REQUEST` | `invalid_request` |
    /// | unknown, wrong, disabled, expired | 401 `INVALID_TOKEN` | `invalid_token` |
    func authenticate(_ fields: HTTPFields, at now: Date) throws(HTTPFailure) -> Principal {
        switch BearerCredential(fields) {
        case .absent:
            guard let anonymous else { throw .unauthenticated }
            return anonymous
        case .malformed(let reason):
            throw .malformedCredential.because(reason)
        case .token(let text):
            guard let tokens else { throw .invalidToken.because("no tokens are configured") }
            let verdict = tokens.ring.verify(text, at: now)
            guard case .accepted(let record) = verdict else {
                throw .invalidToken.because(verdict.refusal ?? "refused")
            }
            return Principal(record)
        }
    }
}

extension HTTPFailure {
    static let unauthenticated = Self(
        status: .unauthorized,
        code: "UNAUTHENTICATED",
        message: "this needs an access token",
        headers: [.wwwAuthenticate: #"Bearer realm="progress""#]
    )

    static let malformedCredential = Self(
        status: .badRequest,
        code: "INVALID_REQUEST",
        message: "the request must have one Authorization field: 'Bearer' and an access token",
        headers: [.wwwAuthenticate: #"Bearer realm="progress", error="invalid_request""#]
    )

    static let invalidToken = Self(
        status: .unauthorized,
        code: "INVALID_TOKEN",
        message: "the access token is invalid or expired",
        headers: [
            .wwwAuthenticate:
                #"Bearer realm="progress", error="invalid_token", "#
                + #"error_description="The access token is invalid or expired""#
        ]
    )
}
