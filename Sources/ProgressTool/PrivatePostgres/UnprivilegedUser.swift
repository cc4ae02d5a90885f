import FoundationEssentials
import Glibc

/// The user that PostgreSQL runs as when we are root, which it refuses to run as.
struct UnprivilegedUser: Equatable, Sendable {
    var userID: UInt32
    var groupID: UInt32
    /// For messages.
    var name: String

    /// `nil` when we are not root: PostgreSQL then runs as we do.
    ///
    /// As root: the user who called `sudo`, else `postgres`, else `nobody`.
    static func needed(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(PrivatePostgresError) -> Self? {
        guard geteuid() == 0 else { return nil }
        if let userID = environment["SUDO_UID"].flatMap(UInt32.init), userID != 0,
            let groupID = environment["SUDO_GID"].flatMap(UInt32.init)
        {
            return Self(
                userID: userID,
                groupID: groupID,
                name: environment["SUDO_USER"] ?? "\(userID)"
            )
        }
        for name in ["postgres", "nobody"] {
            if let user = Self(named: name) { return user }
        }
        throw PrivatePostgresError(
            "PostgreSQL refuses to run as root and there is no user 'postgres' or 'nobody'; "
                + "start this program as an ordinary user"
        )
    }

    private init(userID: UInt32, groupID: UInt32, name: String) {
        self.userID = userID
        self.groupID = groupID
        self.name = name
    }

    private init?(named name: String) {
        guard let entry = getpwnam(name)?.pointee, entry.pw_uid != 0 else { return nil }
        self.init(userID: entry.pw_uid, groupID: entry.pw_gid, name: name)
    }

    /// Arguments to put before a command so that it runs as this user, and dies with us if asked to.
    ///
    /// `setpriv` sets the death signal last, after the change of user that would clear it.
    static func prefix(for user: Self?, diesWithParent: Bool) -> [String] {
        var arguments = ["setpriv"]
        if let user {
            arguments += [
                "--reuid", "\(user.userID)", "--regid", "\(user.groupID)", "--clear-groups",
            ]
        }
        if diesWithParent { arguments += ["--pdeathsig", "INT"] }
        return arguments.count == 1 ? [] : arguments + ["--"]
    }
}
