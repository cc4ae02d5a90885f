import Glibc
import NIOCore

/// Standard error as the place where log lines go.
enum StandardError {
    /// Writes all of `line`, blocking the thread as long as the reader of a full pipe takes.
    ///
    /// A line that cannot be written is lost: there is no other place to say so.
    static func write(_ line: ByteBuffer) {
        var rest = line.readableBytesView[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
