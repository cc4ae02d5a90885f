import FoundationEssentials
import Glibc
package import PrivatePostgres

/// A directory with a short path under `/tmp`, removed at the end, or by a later run after a crash.
///
/// The lock file inside of it tells a directory in use from one that a crash left behind.
package final class TemporaryDirectory: Sendable {
    private static let parent = "/tmp"
    private static let prefix = "progress-test-"

    package let path: String
    private let lockDescriptor: CInt

    package init() throws(PrivatePostgresError) {
        Self.removeAbandoned()
        // Made and locked under another name: those who remove what is abandoned never see it free.
        var template = Array("\(Self.parent)/progress-new-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw PrivatePostgresError(
                "cannot create a directory in \(Self.parent): errno \(errno)"
            )
        }
        let unlocked = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        // PostgreSQL, as another user, must get through to what is inside.
        chmod(unlocked, 0o755)
        self.lockDescriptor = open("\(unlocked)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        self.path = "\(Self.parent)/\(Self.prefix)\(unlocked.suffix(6))"
        guard self.lockDescriptor >= 0, flock(self.lockDescriptor, LOCK_EX | LOCK_NB) == 0,
            rename(unlocked, self.path) == 0
        else {
            throw PrivatePostgresError("cannot lock '\(unlocked)': errno \(errno)")
        }
    }

    deinit {
        self.remove()
        close(self.lockDescriptor)
    }

    package func remove() {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    /// Removes the directories whose owners are gone.
    private static func removeAbandoned() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.parent)) ?? []
        for name in names where name.hasPrefix(self.prefix) {
            let path = "\(self.parent)/\(name)"
            let descriptor = open("\(path)/lock", O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                try? FileManager.default.removeItem(atPath: path)
            }
            close(descriptor)
        }
    }
}
