internal import Glibc

/// What the C library says of a failed call.
enum SystemError {
    /// The text for the calling thread's `errno`.
    static var last: String {
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
}
