import Glibc

/// What the path of a server's socket shows, before a word is spoken.
enum SocketExamination {
    /// - Returns: What was found, and whether somebody accepts connections.
    static func findings(at path: String) -> (findings: [Finding], isAccepting: Bool) {
        var file = stat()
        guard stat(path, &file) == 0 else {
            return ([self.missing(path, errno)], false)
        }
        guard file.st_mode & S_IFMT == S_IFSOCK else {
            let finding = Finding(
                .fail,
                "socket",
                "\(path) is no socket",
                remedy: "name the --socket of progress-server"
            )
            return ([finding], false)
        }
        let owner = userName(file.st_uid)
        let group = groupName(file.st_gid)
        let digits = String(file.st_mode & 0o7777, radix: 8)
        let mode = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let found = Finding(.ok, "socket", "\(path), mode \(mode), owner \(owner):\(group)")
        switch connectionError(toSocket: path) {
        case 0: return ([found, Finding(.ok, "connect", "somebody listens")], true)
        case let code: return ([found, self.refusal(code, group: group)], false)
        }
    }

    private static func missing(_ path: String, _ code: Int32) -> Finding {
        Finding(
            .fail,
            "socket",
            "\(path): \(systemMessage(code))",
            remedy: code == EACCES
                ? "the directories above it must let this user in"
                : "is progress-server running, and is this its --socket?"
        )
    }

    private static func refusal(_ code: Int32, group: String) -> Finding {
        switch code {
        case EACCES, EPERM:
            Finding(
                .fail,
                "connect",
                "the socket's mode does not let this user in",
                remedy: "run as its owner, or as a member of group \(group)"
            )
        case ECONNREFUSED:
            Finding(
                .fail,
                "connect",
                "nobody listens; the socket is left over",
                remedy: "start progress-server"
            )
        default:
            Finding(.fail, "connect", systemMessage(code), remedy: "start progress-server again")
        }
    }
}

/// The name of a user, or its number if it has none.
private func userName(_ id: uid_t) -> String {
    getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "\(id)"
}

/// The name of a group, or its number if it has none.
private func groupName(_ id: gid_t) -> String {
    getgrgid(id).map { String(cString: $0.pointee.gr_name) } ?? "\(id)"
}
