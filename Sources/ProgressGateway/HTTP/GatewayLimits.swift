/// Bounds on what a caller may take, all in one place; `docs/COMPATIBILITY.md` names what happens
/// one past them.
struct GatewayLimits: Sendable {
    /// Most bytes of a request target, path and query together.
    var targetByteCount = 8 << 10
    /// Most bytes of one header field, and of all of them.
    var headerByteCount = 16 << 10
    /// Most header fields of a request.
    var headerFieldCount = 64
    /// Longest wait for the rest of a request head after its first byte.
    var headerTimeout = Duration.seconds(5)
    /// How long a connection may stay open without a request.
    var idleTimeout = Duration.seconds(60)
    /// How long a peer may leave answers unread before its connection is closed.
    var stallTimeout = Duration.seconds(30)
    /// How long a peer may go on sending after the last answer on its connection.
    var closeGrace = Duration.seconds(1)
    /// Most requests worked on at once.
    var requestsInFlight = 512
    /// Most requests that wait for a change at once; they do not count among those worked on, and
    /// share a connection of their own to the server, which takes so many calls.
    var waitingRequests = 256
    /// Most connections open at once; more wait in the listen queue.
    var connectionCount = 1024
    /// Connections that the kernel keeps waiting.
    var backlog = 4096
    /// Time between two readings of the token file.
    var tokenPollInterval = Duration.seconds(15)
    /// Longest run of requests in flight after a signal to stop.
    var shutdownGrace = Duration.seconds(10)

    /// Longest wait for a change, in seconds: that of the protocol.
    static let longestWait = 60
    /// Largest age of an answer that a caller may put up with, in seconds.
    static let longestStaleness = 3_600
}
