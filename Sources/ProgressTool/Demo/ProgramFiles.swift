import Glibc

/// The programs of the package, which stand in one directory.
struct ProgramFiles: Sendable {
    var tool: String
    var server: String
    var gateway: String

    /// Finds them beside this program's own file.
    ///
    /// - Throws: ``ToolError`` that names the missing one.
    init() throws(ToolError) {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else {
            throw ToolError(
                .failure,
                "cannot find this program's own file: \(systemMessage(errno))"
            )
        }
        self.tool = String(decoding: buffer.prefix(count), as: UTF8.self)
        let directory = self.tool.prefix(upTo: self.tool.lastIndex(of: "/") ?? self.tool.startIndex)
        self.server = "\(directory)/progress-server"
        self.gateway = "\(directory)/progress-gateway"
        for path in [self.server, self.gateway] where access(path, X_OK) != 0 {
            throw ToolError(
                .failure,
                "there is no program '\(path)'",
                remedy: "build all programs with: swift build -c release"
            )
        }
    }
}
