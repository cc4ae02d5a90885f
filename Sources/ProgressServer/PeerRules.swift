import FoundationEssentials
import Glibc
import ProgressRPC

/// Who may connect, and as what: the first rule that fits decides, and nobody else may.
struct PeerRules: Equatable, Sendable, CustomStringConvertible {
    struct Rule: Equatable, Sendable {
        enum Subject: Equatable, Sendable {
            case user(UInt32)
            /// The peer's own group; supplementary groups are not among a socket's credentials.
            case group(UInt32)
        }

        var subject: Subject
        var role: PeerRole
    }

    var rules: [Rule]

    /// The user that the kernel shows for users of other namespaces: it may be anybody.
    private static let overflowUserID: UInt32 = 65_534

    static var ownUserIsTrusted: Self {
        Self(rules: [Rule(subject: .user(geteuid()), role: .trusted)])
    }

    /// The role of a peer; `nil` if it may not connect.
    func role(of peer: PeerCredentials) -> PeerRole? {
        guard peer.userID != Self.overflowUserID else { return nil }
        return self.rules.first { rule in
            switch rule.subject {
            case .user(let id): id == peer.userID
            case .group(let id): id == peer.groupID
            }
        }?.role
    }

    var description: String {
        self.rules.map { rule in
            switch rule.subject {
            case .user(let id): "uid \(id) \(rule.role.rawValue)"
            case .group(let id): "gid \(id) \(rule.role.rawValue)"
            }
        }.joined(separator: ", ")
    }
}

extension PeerRules {
    /// Reads the file of `--peers`.
    ///
    /// - Throws: ``ConfigurationError`` naming the entry and what is wrong with it.
    init(path: String) throws(ConfigurationError) {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError("--peers is '\(path)', which cannot be read")
        }
        do throws(ConfigurationError) {
            try self.init(parsing: content)
        } catch {
            throw ConfigurationError("--peers '\(path)': \(error)")
        }
    }

    init(parsing content: Data) throws(ConfigurationError) {
        guard let entries = try? JSONDecoder().decode([[String: Value]].self, from: content) else {
            throw ConfigurationError("not a JSON array of objects whose values are strings or ids")
        }
        self.rules = []
        for (index, entry) in entries.enumerated() {
            do throws(ConfigurationError) {
                self.rules.append(try Rule(entry))
            } catch {
                throw ConfigurationError("entry \(index + 1) \(error)")
            }
        }
    }

    /// A name or a number.
    enum Value: Decodable {
        case name(String)
        case id(UInt32)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let id = try? container.decode(UInt32.self) {
                self = .id(id)
            } else {
                self = .name(try container.decode(String.self))
            }
        }
    }
}

extension PeerRules.Rule {
    fileprivate init(_ entry: [String: PeerRules.Value]) throws(ConfigurationError) {
        let roles = PeerRole.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        guard case .name(let name)? = entry["role"], let role = PeerRole(rawValue: name) else {
            throw ConfigurationError("has no valid \"role\"; allowed are \(roles)")
        }
        let subjects = entry.filter { $0.key != "role" }
        guard let subject = subjects.first, subjects.count == 1 else {
            throw ConfigurationError(
                "has \(subjects.count) keys beside \"role\"; it must have one of \"user\", \"uid\", "
                    + "\"group\", \"gid\""
            )
        }
        self.role = role
        switch (subject.key, subject.value) {
        case ("uid", .id(let id)): self.subject = .user(id)
        case ("gid", .id(let id)): self.subject = .group(id)
        case ("user", .name(let name)):
            guard let entry = unsafe getpwnam(name) else {
                throw ConfigurationError("names the user '\(name)', who does not exist")
            }
            self.subject = unsafe .user(entry.pointee.pw_uid)
        case ("group", .name(let name)):
            guard let entry = unsafe getgrnam(name) else {
                throw ConfigurationError("names the group '\(name)', which does not exist")
            }
            self.subject = unsafe .group(entry.pointee.gr_gid)
        default:
            throw ConfigurationError(
                "has \"\(subject.key)\" with a value of the wrong kind, or is an unknown key; "
                    + "\"user\" and \"group\" take names, \"uid\" and \"gid\" numbers"
            )
        }
    }
}
