/// How calls fail without an answer of the server.
///
/// `isNotProcessed` holds for a call that was not sent; an ``OutgoingCall`` knows better.
extension RPCError {
    static let clientClosed = RPCError(.cancelled, "the client is closed", isNotProcessed: true)
    static let connectionLost = RPCError(.unavailable, "the connection to the server was lost")
    static let unreachable = RPCError(
        .unavailable,
        "the server cannot be reached; is it running?",
        retryAfter: .seconds(1),
        isNotProcessed: true
    )
    static let queueFull = RPCError(
        .resourceExhausted,
        "\(ClientCore.queueLimit) calls wait already; the limit",
        reason: "TOO_MANY_CALLS",
        isNotProcessed: true
    )

    static let timedOut = RPCError(
        .deadlineExceeded,
        "the time ran out before the server answered",
        isNotProcessed: true
    )
}
