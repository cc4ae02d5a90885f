public import NIOCore

/// How a call is to be made.
public struct CallOptions: Sendable {
    /// Time for queueing, writing and waiting together.
    public var timeout: Duration
    /// What the caller's principal may see; `nil`: what the connection's role may.
    public var scope: PBScope?
    /// On whose behalf, for the server's log.
    public var caller: String
    /// W3C trace context, passed on.
    public var traceparent: String
    /// Whether the answer may be compressed.
    public var acceptsLZ4: Bool
    /// Whether to wait for a server that cannot be reached just now, instead of failing at once.
    public var waitsForConnection: Bool

    /// Creates options.
    public init(
        timeout: Duration = .seconds(10),
        scope: PBScope? = nil,
        caller: String = "",
        traceparent: String = "",
        acceptsLZ4: Bool = false,
        waitsForConnection: Bool = false
    ) {
        self.timeout = timeout
        self.scope = scope
        self.caller = caller
        self.traceparent = traceparent
        self.acceptsLZ4 = acceptsLZ4
        self.waitsForConnection = waitsForConnection
    }
}

/// What a server answered.
public struct Reply: Sendable {
    /// The method's response message, still encoded; empty if not modified.
    public var body: ByteBuffer
    /// Whether what the caller holds still stands.
    public var isNotModified: Bool
    /// From the request's arrival at the server to its answer.
    public var serverTime: Duration
}
