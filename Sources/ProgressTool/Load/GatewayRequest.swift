import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Where a gateway is.
struct HTTPOrigin: Equatable, Sendable {
    var host: String
    var port: Int

    /// `http://HOST:PORT`.
    var text: String { "http://\(self.authority)" }

    var authority: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }

    /// Takes the origin out of a URL without a path.
    ///
    /// - Throws: ``ToolError`` of status `usage` if the URL is another.
    init(_ url: String) throws(ToolError) {
        guard let components = URLComponents(string: url), components.scheme == "http",
            let host = components.host, !host.isEmpty, ["", "/"].contains(components.path)
        else {
            throw ToolError(.usage, "the URL is '\(url)'; load takes http://HOST:PORT")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = components.port ?? 80
    }

    /// Whether only this machine is asked.
    var isLoopback: Bool {
        self.host == "localhost" || self.host == "::1"
            || (self.host.hasPrefix("127.") && self.host.allSatisfy { $0.isNumber || $0 == "." })
    }
}

/// A request for the progress of one job, made once and sent many times.
struct GatewayRequest: Sendable {
    let job: Int64
    let head: HTTPRequestHead

    init(job: Int64, terms: ReadingTerms, origin: HTTPOrigin, token: String?) {
        self.job = job
        var headers = HTTPHeaders([("host", origin.authority), ("accept", "application/json")])
        if let token { headers.add(name: "authorization", value: "Bearer \(token)") }
        self.head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: "/jobs/\(job)/progress\(terms.stalenessQuery)",
            headers: headers
        )
    }
}
