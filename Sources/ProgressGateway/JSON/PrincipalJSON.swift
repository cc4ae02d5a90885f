package import NIOCore

/// The body of `GET /whoami`.
package enum PrincipalJSON {
    /// - Parameters:
    ///   - label: The caller as the logs name it.
    ///   - scopes: What it may do, as written in a token file.
    ///   - expiry: The last moment of its credential, in microseconds since 1970; `nil`: no end.
    package static func encode(label: String, scopes: [String], expiry: Int64?) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeStaticString(#"{"principal":"#)
        buffer.writeJSON(label)
        buffer.writeStaticString(#","scopes":["#)
        for (index, scope) in scopes.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            buffer.writeJSON(scope)
        }
        buffer.writeStaticString(#"],"expires_at":"#)
        if let expiry {
            buffer.writeJSON(microseconds: expiry)
        } else {
            buffer.writeStaticString("null")
        }
        buffer.writeStaticString("}")
        return buffer
    }
}
