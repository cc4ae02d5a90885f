import Glibc
import NIOCore

/// Where the demo's gateway listens.
struct ListenAddress: Equatable, Sendable {
    /// A name or a number, without brackets.
    var host: String
    var port: UInt16

    /// Ports tried, the wanted one included.
    static let portCount: UInt16 = 20

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`, an IPv6 host in brackets; `nil` if it is not of that form.
    init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.contains(":") == text.hasPrefix("[") else { return nil }
        self.init(host: String(host), port: port)
    }

    /// `HOST:PORT`, as the gateway takes it.
    var text: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }

    /// Where a client on this machine finds it.
    var url: String {
        let here =
            switch self.host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            default: self.host
            }
        return "http://\(ListenAddress(host: here, port: self.port).text)"
    }

    /// The first address from this port on that nobody listens at.
    ///
    /// - Throws: ``ToolError`` if all are taken, or if the host is none of this machine.
    func firstFree() throws(ToolError) -> ListenAddress {
        var candidate = self
        for offset in 0..<Self.portCount {
            let (port, overflow) = self.port.addingReportingOverflow(offset)
            if overflow { break }
            candidate.port = port
            if try candidate.isFree() { return candidate }
        }
        throw ToolError(
            .failure,
            "port \(self.port) of \(self.host) is taken, and those up to \(candidate.port)",
            remedy: "name another with --listen HOST:PORT"
        )
    }

    private func isFree() throws(ToolError) -> Bool {
        let address: SocketAddress
        do {
            address = try SocketAddress.makeAddressResolvingHost(self.host, port: Int(self.port))
        } catch {
            throw ToolError(.usage, "--listen names the host '\(self.host)', which is not known")
        }
        let family = address.protocol == .inet6 ? AF_INET6 : AF_INET
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else {
            throw ToolError(.failure, "cannot open a socket: \(systemMessage(errno))")
        }
        defer { close(descriptor) }
        // As the gateway does: a port whose last connection is still dying counts as free.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let result = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
        if result == 0 { return true }
        if errno == EADDRINUSE { return false }
        throw ToolError(.failure, "cannot listen at \(self.text): \(systemMessage(errno))")
    }
}
