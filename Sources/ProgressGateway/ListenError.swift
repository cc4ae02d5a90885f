import Glibc
import NIOCore

/// An address that cannot be listened on.
struct ListenError: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String

    init(address: ListenAddress, error: IOError) {
        let remedy =
            switch error.errnoCode {
            case EADDRINUSE: "another program uses it; stop that or give another --listen HOST:PORT"
            case EACCES: "it is not allowed; give a port from 1024 to 65535 with --listen"
            case EADDRNOTAVAIL: "this host has no such address; give another --listen HOST:PORT"
            default: "\(error)"
            }
        self.description = "cannot listen on \(address): \(remedy)"
    }
}
