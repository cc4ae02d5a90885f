import FoundationEssentials
import HTTPTypes
import Hummingbird
import ProgressJSON
import ProgressTokens

/// Answers `GET /whoami`, without asking the server.
enum WhoAmIRoute {
    static func answer(_ principal: Principal) -> Response {
        Response(
            status: .ok,
            headers: HTTPFields(unkeptJSONBefore: nil),
            body: .init(
                byteBuffer: PrincipalJSON.encode(
                    label: principal.label,
                    scopes: principal.scopes.map(\.description),
                    expiry: principal.notAfter.map(Self.microseconds)
                )
            )
        )
    }

    /// Since 1970; a moment that 64 bits cannot hold counts as the furthest that they can.
    private static func microseconds(_ date: Date) -> Int64 {
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        return Int64(exactly: microseconds) ?? (microseconds < 0 ? .min : .max)
    }
}
