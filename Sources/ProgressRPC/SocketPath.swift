/// Where a server listens, and where its clients look for it, unless told otherwise.
public enum SocketPath {
    /// The path that servers and clients of one user agree on without configuration:
    /// `/run/progress/rpc.sock` for root, `progress/rpc.sock` in the user's runtime directory for
    /// everybody else.
    ///
    /// - Parameter runtimeDirectory: The value of `XDG_RUNTIME_DIR`, if set.
    /// - Returns: `nil` if the user has no runtime directory. One that is not absolute is none.
    public static func standard(runtimeDirectory: String?, isRoot: Bool) -> String? {
        if isRoot { return "/run/progress/rpc.sock" }
        guard let runtimeDirectory, runtimeDirectory.utf8.first == UInt8(ascii: "/") else {
            return nil
        }
        return "\(runtimeDirectory)/progress/rpc.sock"
    }
}
