import FoundationEssentials
import Glibc

/// The binaries of one PostgreSQL version on this machine.
package struct PostgresInstallation: Equatable, Sendable {
    /// Where `initdb` and `postgres` are.
    package var binaryDirectory: String
    /// Such as 15.
    package var majorVersion: Int

    /// The oldest version with all that the server asks for.
    package static let minimumMajorVersion = 13

    /// Looks in `$PROGRESS_PG_BINDIR`, in `PATH`, then in Debian's directories, highest version first.
    ///
    /// - Throws: ``PrivatePostgresError`` that tells what to install.
    package static func find(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(PrivatePostgresError) -> Self {
        if let directory = environment["PROGRESS_PG_BINDIR"] {
            guard let installation = Self(in: directory) else {
                throw PrivatePostgresError(
                    "PROGRESS_PG_BINDIR is '\(directory)', which holds no PostgreSQL "
                        + "\(self.minimumMajorVersion) or newer (initdb and postgres)"
                )
            }
            return installation
        }
        let inPath = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for directory in inPath + self.debianDirectories() {
            if let installation = Self(in: directory) { return installation }
        }
        throw PrivatePostgresError(
            "found no PostgreSQL \(self.minimumMajorVersion) or newer; install it "
                + "(Debian: apt-get install postgresql-15) or set PROGRESS_PG_BINDIR"
        )
    }

    /// `nil` if the directory lacks a binary, or if its version is too old.
    init?(in directory: String) {
        guard access("\(directory)/initdb", X_OK) == 0,
            access("\(directory)/postgres", X_OK) == 0,
            let output = try? Subprocess(["\(directory)/postgres", "--version"]).output(),
            let version = Self.majorVersion(in: output),
            version >= Self.minimumMajorVersion
        else { return nil }
        self.binaryDirectory = directory
        self.majorVersion = version
    }

    /// Where a program is: beside `postgres`, or beside what that is a link to.
    func path(of program: String) -> String {
        let path = "\(self.binaryDirectory)/\(program)"
        let server = URL(filePath: "\(self.binaryDirectory)/postgres").resolvingSymlinksInPath()
        let target = server.deletingLastPathComponent().appending(path: program).path
        return access(path, X_OK) == 0 ? path : target
    }

    /// Reads such as `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
    static func majorVersion(in output: String) -> Int? {
        let words = output.split(separator: " ")
        guard words.count >= 3, words[1] == "(PostgreSQL)" else { return nil }
        return Int(words[2].prefix { ("0"..."9").contains($0) })
    }

    private static func debianDirectories() -> [String] {
        let root = "/usr/lib/postgresql"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.compactMap(Int.init).sorted(by: >).map { "\(root)/\($0)/bin" }
    }
}
