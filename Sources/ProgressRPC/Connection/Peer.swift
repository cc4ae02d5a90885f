/// Who is at the other end of a connection, as the kernel saw it when it connected.
public struct PeerCredentials: Hashable, Sendable {
    /// The process; advisory, since it may have passed the socket on.
    public var processID: Int32
    /// The effective user.
    public var userID: UInt32
    /// The effective group; supplementary groups are not among the credentials.
    public var groupID: UInt32

    /// Creates credentials.
    public init(processID: Int32, userID: UInt32, groupID: UInt32) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
    }
}

/// What the peer of a connection may do; `protocol/SPEC.md`, section 9.
public enum PeerRole: String, Hashable, Sendable, CaseIterable {
    /// Calls every method, always with a scope.
    case gateway
    /// Calls every method; without a scope it sees all.
    case trusted
    /// Asks how the server is, not what it knows.
    case observer

    /// Whether the role may call `method`.
    func mayCall(_ method: Method) -> Bool {
        switch self {
        case .gateway, .trusted: true
        case .observer: method == .describe || method == .health || method == .stats
        }
    }
}
