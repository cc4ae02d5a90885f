public import NIOCore

/// Hard limits of the protocol, as `protocol/SPEC.md`, section 12 states them.
public enum Limits {
    /// One more than the largest payload that a frame can announce, in bytes (16 MiB).
    public static let payloadByteCountEnd = 1 << 24
    /// Largest payload that a server takes, in bytes (64 KiB).
    public static let serverReceiveByteCount = 65_536
    /// Largest payload that a client takes, in bytes (4 MiB).
    public static let clientReceiveByteCount = 4 << 20
    /// Smallest `max_recv` that a client may announce, in bytes.
    public static let smallestReceiveByteCount = 1_024
    /// Largest meta of a request, in bytes.
    public static let metaByteCount = 16_384
    /// Most calls in flight on one connection.
    public static let callsInFlight = 256
    /// Most connections of one server.
    public static let connections = 4_096
    /// Most connections of one user.
    public static let connectionsOfOneUser = 1_024
    /// Most dataset patterns of a scope.
    public static let scopePatterns = 256
    /// Most jobs of a batch.
    public static let batchJobs = 1_024
    /// Most jobs of a page.
    public static let pageJobs = 1_000
    /// Jobs of a page of which the caller does not say how many it wants.
    public static let defaultPageJobs = 50
    /// Most events of a page.
    public static let pageEvents = 10_000
    /// Longest wait of a blocking get.
    public static let longestWait = TimeAmount.seconds(60)
    /// Longest text of an error or of a GOAWAY, in bytes of UTF-8.
    public static let textByteCount = 1_024
    /// Longest socket path, in bytes.
    public static let socketPathByteCount = 107
    /// How long a server waits for HELLO.
    public static let helloTimeout = TimeAmount.seconds(5)
    /// How long a receiver waits for the rest of a frame.
    public static let frameTimeout = TimeAmount.seconds(10)
    /// How long a peer may take no output before its connection is closed.
    public static let stallTimeout = TimeAmount.seconds(10)
    /// How much output of a connection may wait before a server stops reading it, in bytes.
    public static let outputPauseByteCount = 1 << 20
    /// Below how much waiting output a server reads a connection again, in bytes.
    public static let outputResumeByteCount = 512 << 10
    /// How much output may wait before a server closes a connection, in bytes.
    public static let outputCloseByteCount = 16 << 20
    /// Smallest body that a server compresses, in bytes.
    public static let compressionByteCount = 64 << 10
    /// How long a server, having drained a connection, reads to the end of its input.
    public static let lingerTimeout = TimeAmount.seconds(1)
}
