/// Where the gateway listens.
struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// A name or an address, without brackets.
    let host: String
    /// 0: any port that is free.
    let port: Int

    /// Parses `host:port`; an IPv6 address stands in brackets.
    init(_ text: String) throws(ConfigurationError) {
        let wrong = ConfigurationError(
            """
            --listen is '\(text)'; it must be HOST:PORT with a port from 0 to 65535, such as \
            127.0.0.1:1610
            """
        )
        guard let colon = text.lastIndex(of: ":") else { throw wrong }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw wrong
        }
        guard !host.isEmpty, 1...5 ~= digits.utf8.count,
            digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = Int(digits), port <= 65535
        else { throw wrong }
        self.host = String(host)
        self.port = port
    }

    /// Whether only this host can reach it.
    var isLoopback: Bool {
        let octets = self.host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopback4 =
            octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
        return isLoopback4 || self.host == "::1" || self.host == "localhost"
    }

    var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
