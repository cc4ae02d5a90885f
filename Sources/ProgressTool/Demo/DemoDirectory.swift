import FoundationEssentials
import Glibc

/// The directory that the demo keeps everything in, and the lock that makes it one demo's own.
final class DemoDirectory: Sendable {
    let path: String
    private let lock: Int32

    var cluster: String { "\(self.path)/postgres" }
    var tokens: String { "\(self.path)/tokens.json" }
    var socket: String { "\(self.path)/rpc.sock" }
    func log(of program: String) -> String { "\(self.path)/logs/\(program).log" }

    /// Longest path of the socket that the server can bind, its temporary name included.
    static let socketPathLimit = 90

    /// The file that tells a demo's directory from others.
    private static let lockName = "demo.lock"

    /// Creates the directory if there is none, and locks it until the value is gone.
    ///
    /// - Throws: ``ToolError``, naming the process that owns it if there is one; also if the
    ///   directory holds something else than a demo's data.
    init(path: String) throws(ToolError) {
        guard "\(path)/rpc.sock".utf8.count <= Self.socketPathLimit else {
            throw ToolError(
                .usage,
                "the data directory '\(path)' has \(path.utf8.count) bytes; with the name of a "
                    + "socket it may have \(Self.socketPathLimit)",
                remedy: "name a shorter one with --data"
            )
        }
        self.path = path
        try Self.refuseForeign(path)
        do {
            try FileManager.default.createDirectory(
                atPath: "\(path)/logs",
                withIntermediateDirectories: true
            )
        } catch {
            throw ToolError(
                .failure,
                "cannot create '\(path)/logs': \(systemMessage(errno))",
                remedy: "name another directory with --data"
            )
        }
        self.lock = try Self.lock("\(path)/\(Self.lockName)")
    }

    deinit { close(self.lock) }

    /// Leaves a directory alone that holds something and was never a demo's: names such as `logs`
    /// and `tokens.json` may be somebody's there.
    private static func refuseForeign(_ path: String) throws(ToolError) {
        guard access("\(path)/\(self.lockName)", F_OK) != 0,
            let names = try? FileManager.default.contentsOfDirectory(atPath: path), !names.isEmpty
        else { return }
        throw ToolError(
            .usage,
            "the data directory '\(path)' holds something else than a demo's data",
            remedy: "name one that is empty or new with --data"
        )
    }

    /// Removes what former demos left in it, and nothing else.
    func reset() throws(ToolError) {
        for name in ["postgres", "logs", "tokens.json", "rpc.sock"] {
            let path = "\(self.path)/\(name)"
            guard access(path, F_OK) == 0 else { continue }
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                throw ToolError(.failure, "cannot remove '\(path)': \(error)")
            }
        }
        mkdir("\(self.path)/logs", 0o755)
    }

    /// `$XDG_DATA_HOME/progress/demo`, `~/.local/share/progress/demo`, and for root, whose home
    /// PostgreSQL's user may not enter, `/var/lib/progress/demo`.
    static func defaultPath(
        isRoot: Bool = geteuid() == 0,
        environment: (String) -> String? = environmentVariable
    ) throws(ToolError) -> String {
        // The XDG specification has relative paths ignored.
        if let data = environment("XDG_DATA_HOME"), data.hasPrefix("/") {
            return "\(data)/progress/demo"
        }
        if isRoot { return "/var/lib/progress/demo" }
        guard let home = environment("HOME"), home.hasPrefix("/") else {
            throw ToolError(.usage, "HOME is not set", remedy: "name a directory with --data")
        }
        return "\(home)/.local/share/progress/demo"
    }

    private static func lock(_ path: String) throws(ToolError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ToolError(.failure, "cannot open '\(path)': \(systemMessage(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = read(descriptor, &bytes, bytes.count)
            close(descriptor)
            let owner = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            throw ToolError(
                .failure,
                "a demo is running already: process \(owner) owns '\(path)'",
                remedy: "stop it, or name another directory with --data"
            )
        }
        ftruncate(descriptor, 0)
        let owner = Array("\(getpid())".utf8)
        _ = write(descriptor, owner, owner.count)
        return descriptor
    }
}
