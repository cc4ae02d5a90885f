import Glibc

/// Where this program writes what is not log.
enum StandardStream: CInt {
    /// What a command was asked for.
    case output = 1
    /// Why a command failed, or the server did not start.
    case error = 2

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(self.rawValue, bytes, bytes.count)
    }
}
