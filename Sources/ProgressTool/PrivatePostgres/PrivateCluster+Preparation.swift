import FoundationEssentials
import Glibc

extension PrivateCluster {
    /// The longest path of a Unix socket, in bytes, without its final NUL.
    private static let maximumSocketPathByteCount = 107

    /// Creates the directory of the socket, and tells whether it is to be removed at the end.
    static func makeSocketDirectory(
        _ configuration: Configuration,
        owner: UnprivilegedUser?
    ) throws(PrivatePostgresError) -> (path: String, isTemporary: Bool) {
        let path = configuration.socketDirectory ?? "\(configuration.directory)/run"
        let byteCount = "\(path)/.s.PGSQL.5432".utf8.count
        if byteCount <= self.maximumSocketPathByteCount {
            try createDirectory(path, mode: 0o700, owner: owner)
            return (path, false)
        }
        if configuration.socketDirectory != nil {
            throw PrivatePostgresError(
                "a socket in '\(path)' has a path of \(byteCount) bytes; the limit is "
                    + "\(self.maximumSocketPathByteCount)"
            )
        }
        let temporary = try createTemporaryDirectory(prefix: "/tmp/progress-pg-", owner: owner)
        return (temporary, true)
    }

    /// Runs `initdb` or `pg_basebackup` into a fresh directory, and moves it into place only when it is
    /// complete.
    static func initialize(
        _ data: String,
        _ configuration: Configuration,
        with installation: PostgresInstallation,
        as user: UnprivilegedUser?
    ) throws(PrivatePostgresError) {
        let directory = configuration.directory
        let unfinished = "\(data).new"
        try? FileManager.default.removeItem(atPath: unfinished)
        let command =
            configuration.primary.map { primary in
                ["pg_basebackup", "-d", primary, "-R", "-c", "fast", "-X", "stream"]
            } ?? ["initdb", "-U", "progress", "-A", "trust", "-E", "UTF8", "--locale=C"]
        let initialization = Subprocess(
            UnprivilegedUser.prefix(for: user, diesWithParent: false)
                + [installation.path(of: command[0])] + command.dropFirst()
                + ["-D", unfinished, "--no-sync"],
            directory: directory
        )
        do throws(PrivatePostgresError) {
            _ = try initialization.output()
        } catch {
            let identity = user.map { " as user '\($0.name)'" } ?? ""
            throw PrivatePostgresError(
                "cannot create a PostgreSQL cluster in '\(directory)'\(identity): \(error)"
            )
        }
        guard rename(unfinished, data) == 0 else {
            throw PrivatePostgresError(
                "cannot move '\(unfinished)' into place: \(String(cString: strerror(errno)))"
            )
        }
    }

    static func arguments(
        _ data: String,
        _ socketDirectory: String,
        _ configuration: Configuration,
        _ installation: PostgresInstallation,
        _ user: UnprivilegedUser?
    ) -> [String] {
        // Fast and forgetful: what is in here can be made again.
        var settings = [
            "listen_addresses": "", "unix_socket_directories": socketDirectory,
            "unix_socket_permissions": "0700", "fsync": "off", "synchronous_commit": "off",
            "full_page_writes": "off", "autovacuum_naptime": "10s",
        ]
        settings.merge(configuration.settings) { _, given in given }
        let flags = settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        return UnprivilegedUser.prefix(for: user, diesWithParent: true)
            + ["\(installation.binaryDirectory)/postgres", "-D", data] + flags
    }
}

/// Creates a directory for `owner` alone, or checks that an existing one belongs to it.
///
/// An empty directory of ours is handed over; one that holds something of others is left alone.
func createDirectory(
    _ path: String,
    mode: mode_t,
    owner: UnprivilegedUser?
) throws(PrivatePostgresError) {
    let isEmpty: Bool
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        isEmpty = try FileManager.default.contentsOfDirectory(atPath: path).isEmpty
    } catch {
        throw PrivatePostgresError("cannot create the directory '\(path)': \(error)")
    }
    if let owner, isEmpty, chown(path, owner.userID, owner.groupID) != 0 {
        throw PrivatePostgresError(
            "cannot give '\(path)' to user '\(owner.name)': \(String(cString: strerror(errno)))"
        )
    }
    var status = stat()
    let userID = owner?.userID ?? geteuid()
    guard lstat(path, &status) == 0, status.st_uid == userID else {
        let name = owner.map { "'\($0.name)'" } ?? "number \(userID)"
        throw PrivatePostgresError(
            "the directory '\(path)' belongs to another user than \(name), as which PostgreSQL "
                + "runs; remove it or choose another"
        )
    }
    chmod(path, mode)
}

/// Creates a directory under a name that nobody has, for `owner` alone.
func createTemporaryDirectory(
    prefix: String,
    owner: UnprivilegedUser?
) throws(PrivatePostgresError) -> String {
    var template = Array("\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
        throw PrivatePostgresError("cannot create a directory like '\(prefix)…': errno \(errno)")
    }
    let path = template.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
    if let owner { chown(path, owner.userID, owner.groupID) }
    return path
}
