import Hummingbird
import NIOCore

/// What Hummingbird hands along with a request: here where it came from, and whether its sender is
/// still there.
struct GatewayRequestContext: InitializableFromSource {
    typealias Source = ApplicationRequestContextSource

    /// Address and port of the peer, if it has any.
    let remoteAddress: String?
    let peerWatch: PeerWatch

    init(source: ApplicationRequestContextSource) {
        self.remoteAddress = source.channel.remoteAddress.flatMap(Self.text(of:))
        self.peerWatch = PeerWatch(channel: source.channel)
    }

    /// The address and port as a log shows them; `nil` for a Unix socket.
    static func text(of address: SocketAddress) -> String? {
        guard let host = address.ipAddress, let port = address.port else { return nil }
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
