import Glibc

/// How many files and sockets the process may have open.
enum OpenFileLimit {
    /// Kept for everything that is not a caller's connection.
    static let reserve = 64

    /// Most connections to accept: `wanted`, or what the limit leaves room for.
    ///
    /// One connection too many would not be refused: accepting it fails again and again, at the cost
    /// of a core.
    static func connections(wanted: Int) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return wanted
        }
        return max(1, min(wanted, Int(clamping: limit.rlim_cur) - self.reserve))
    }
}
