import NIOCore

extension PeerCredentials {
    /// `struct ucred`, which Glibc's module does not have.
    private struct Ucred: Sendable {
        var processID: Int32 = 0
        var userID: UInt32 = .max
        var groupID: UInt32 = .max
    }

    /// SO_PEERCRED of Linux.
    private static let option = NIOBSDSocket.Option(rawValue: 17)

    /// Reads the credentials of the peer of a Unix-domain socket.
    static func read(from channel: any Channel) -> EventLoopFuture<PeerCredentials> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let ucred: EventLoopFuture<Ucred> = provider.unsafeGetSocketOption(
            level: .socket,
            name: Self.option
        )
        return ucred.map {
            PeerCredentials(processID: $0.processID, userID: $0.userID, groupID: $0.groupID)
        }
    }
}
