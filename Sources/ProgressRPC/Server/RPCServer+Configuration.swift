import Glibc
public import NIOCore

extension RPCServer {
    /// Where and within which bounds a server works.
    public struct Configuration: Sendable {
        /// Path of the socket, at most ``Limits/socketPathByteCount`` bytes.
        public var socketPath: String
        /// Permissions of the socket.
        public var socketMode: UInt32 = 0o660
        /// The program's name, told to clients.
        public var name = "progress-server"
        /// The program's version, told to clients.
        public var version = ""
        /// The role of a peer; `nil`: it may not connect.
        ///
        /// By default the server's own user is trusted.
        public var peers: @Sendable (PeerCredentials) -> PeerRole? = Self.ownUserIsTrusted
        /// Largest payload that is taken, in bytes.
        public var receiveByteCount = Limits.serverReceiveByteCount
        /// Most calls in flight on one connection.
        public var callsInFlight = Limits.callsInFlight
        /// Most connections.
        public var connections = Limits.connections
        /// Most connections of one user.
        public var connectionsOfOneUser = Limits.connectionsOfOneUser
        /// Time allowed to a call that does not say.
        public var standardTimeout = TimeAmount.seconds(10)
        /// How long calls in flight may take when the server stops.
        public var drainTimeout = TimeAmount.seconds(5)
        /// Smallest body that is compressed, in bytes.
        public var compressionByteCount = Limits.compressionByteCount
        /// See ``Limits/helloTimeout``.
        public var helloTimeout = Limits.helloTimeout
        /// See ``Limits/frameTimeout``.
        public var frameTimeout = Limits.frameTimeout
        /// See ``Limits/stallTimeout``.
        public var stallTimeout = Limits.stallTimeout
        /// See ``Limits/lingerTimeout``.
        public var lingerTimeout = Limits.lingerTimeout
        /// See ``Limits/outputCloseByteCount``.
        public var outputCloseByteCount = Limits.outputCloseByteCount
        /// Size of each connection's send buffer in the kernel, in bytes; `nil`: the system's.
        var socketBufferByteCount: Int?

        /// Creates a configuration with the defaults of `protocol/SPEC.md`.
        public init(socketPath: String) {
            self.socketPath = socketPath
        }
    }
}

extension RPCServer.Configuration {
    /// Trusts the user that the server runs as, and lets nobody else connect.
    public static let ownUserIsTrusted: @Sendable (PeerCredentials) -> PeerRole? = { credentials in
        credentials.userID == geteuid() ? .trusted : nil
    }
}
