import CLibPQ

/// The check of a libpq connection string before anything is done with it.
package enum ConnectionString {
    /// What is wrong with a connection string, as the end of a sentence that begins with its name.
    ///
    /// libpq's own complaints quote the text and with it, after a slip of the pen, the password. So
    /// all of them are found here, and none shows any part of the text.
    ///
    /// - Parameter conninfo: `key=value` pairs, a URI, or the plain name of a database.
    /// - Returns: `nil` if libpq can read it.
    package static func objection(to conninfo: String) -> String? {
        let prefixes = ["postgresql://", "postgres://"]
        let isURI = prefixes.contains { conninfo.hasPrefix($0) }
        guard isURI || conninfo.utf8.contains(UInt8(ascii: "=")) else { return nil }
        guard let options = self.options(of: conninfo) else {
            return
                "is no connection string that libpq can read; it must be key=value pairs, values "
                + "with spaces in single quotes, or a URI, special characters percent-encoded"
        }
        let hosts = options["host"]?.split(separator: ",") ?? []
        if hosts.contains(where: { $0.utf8.dropFirst().contains(UInt8(ascii: "@")) }) {
            return "has a host with '@'; in a URI's user or password '@' must be written as %40"
        }
        let ports = options["port"]?.split(separator: ",") ?? []
        if ports.contains(where: { !(1...65_535).contains(Int($0) ?? 0) }) {
            return "has a port that is no number from 1 to 65535; in a URI's user or password "
                + "':' must be written as %3A and '/' as %2F"
        }
        return nil
    }

    /// The options that are given, by keyword.
    private static func options(of conninfo: String) -> [String: String]? {
        var reason: UnsafeMutablePointer<CChar>? = nil
        defer { unsafe PQfreemem(reason) }
        guard let first = unsafe PQconninfoParse(conninfo, &reason) else { return nil }
        defer { unsafe PQconninfoFree(first) }
        var options: [String: String] = [:]
        var next = unsafe first
        while let keyword = unsafe next.pointee.keyword {
            if let value = unsafe next.pointee.val {
                options[unsafe String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe next += 1
        }
        return options
    }
}
