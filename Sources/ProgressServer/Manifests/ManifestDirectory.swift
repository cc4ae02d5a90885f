import Crypto
import FoundationEssentials
import Glibc

/// A directory with copies of manifests, each named as Amp does: by the SHA-256 of the file, in 64
/// hexadecimal digits.
///
/// Other names are left alone.
struct ManifestDirectory {
    /// Most bytes of a manifest.
    static let fileByteLimit = 16 << 20

    let path: String
    /// Files that are no manifests, as they were when they were looked at.
    private var refused: [String: FileState] = [:]

    init(path: String) { self.path = path }

    /// What one look at the directory found.
    struct Finding: Equatable {
        /// Manifests that were not known before.
        var newCount = 0
        /// Files that give none, each told once until it changes.
        var refusals: [Refusal] = []
    }

    struct Refusal: Equatable {
        var name: String
        var reason: ManifestError
    }

    private struct FileState: Equatable {
        var byteCount: Int
        var seconds: Int
        var nanoseconds: Int
        var isRegular: Bool
    }

    /// Adds the manifests that came since the last look.
    ///
    /// - Throws: ``ManifestError`` if the directory cannot be listed.
    mutating func look(for catalog: ManifestCatalog) throws(ManifestError) -> Finding {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: self.path)
        } catch {
            throw ManifestError("'\(self.path)' is no directory that can be listed")
        }
        var finding = Finding()
        let hashes = names.filter(Self.isHash).sorted()
        self.refused = self.refused.filter { hashes.contains($0.key) }
        for name in hashes where !catalog.contains(name) {
            guard let state = self.state(of: name), state != self.refused[name] else { continue }
            do throws(ManifestError) {
                let manifest = try self.manifest(name, state)
                guard catalog.insert(manifest, hash: name) else {
                    let limit = ManifestCatalog.manifestLimit
                    throw ManifestError("there are \(limit) manifests already, the limit")
                }
                self.refused[name] = nil
                finding.newCount += 1
            } catch {
                self.refused[name] = state
                finding.refusals.append(Refusal(name: name, reason: error))
            }
        }
        return finding
    }

    /// The name under which Amp stores these bytes.
    static func name(of content: Data) -> String {
        SHA256.hash(data: content).map { byte in
            (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func isHash(_ name: String) -> Bool {
        name.utf8.count == 64
            && name.utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
            }
    }

    /// - Returns: `nil` if the file is gone.
    private func state(of name: String) -> FileState? {
        var status = stat()
        guard unsafe stat("\(self.path)/\(name)", &status) == 0 else { return nil }
        return FileState(
            byteCount: status.st_size,
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec,
            isRegular: status.st_mode & S_IFMT == S_IFREG
        )
    }

    private func manifest(
        _ name: String,
        _ state: FileState
    ) throws(ManifestError) -> Manifest {
        guard state.isRegular else { throw ManifestError("it is not a regular file") }
        guard state.byteCount <= Self.fileByteLimit else {
            throw ManifestError(
                "it has \(state.byteCount) bytes; the limit is \(Self.fileByteLimit)"
            )
        }
        guard let content = FileManager.default.contents(atPath: "\(self.path)/\(name)") else {
            throw ManifestError("it cannot be read")
        }
        let digest = Self.name(of: content)
        guard digest == name else {
            throw ManifestError("its SHA-256 is \(digest), so it is not the file that Amp stored")
        }
        return try Manifest(parsing: content)
    }
}
