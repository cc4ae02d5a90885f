import FoundationEssentials
import ProgressChain
import TestSupport

@testable import ProgressServer

/// A state directory of its own, and archives in it.
struct ArchiveFixture {
    static let identity = ArchiveIdentity(
        systemIdentifier: 7_300_000_000_000_000_001,
        database: "amp",
        postmasterStartTime: 1_760_000_000_000_000,
        statisticsStartTime: 1_750_000_000_000_000,
        xmax: 4_300_000_000
    )

    let directory: TemporaryDirectory
    let store: ArchiveStore
    let names = NetworkNames()

    init(byteLimit: Int = 64 << 20) throws {
        self.directory = try TemporaryDirectory()
        self.store = try ArchiveStore(directory: self.directory.path, byteLimit: byteLimit)
    }

    var path: String { "\(self.directory.path)/\(ArchiveStore.fileName)" }

    /// Writes the revisions, in this order.
    @discardableResult
    func write(_ revisions: [(Int64, [ArchivedFile])]) throws(ArchiveError) -> ArchiveTally {
        try self.store.write(Self.identity, names: self.names) { writer throws(ArchiveError) in
            for (revision, files) in revisions {
                try writer.append(revision: revision, files: files)
            }
        }
    }

    /// Reads with the names of another process, in which the first index is taken.
    func read(
        for present: ArchiveIdentity = Self.identity
    ) throws(ArchiveError) -> [Int64: [ReadableFile]]? {
        let names = NetworkNames()
        _ = names.network(named: "taken")
        var revisions: [Int64: [ReadableFile]] = [:]
        let tally = try self.store.read(for: present, names: names) { revision, files in
            revisions[revision, default: []] += files.map { ReadableFile($0, names) }
        }
        return tally == nil ? nil : revisions
    }

    func named(_ files: [ArchivedFile]) -> [ReadableFile] {
        files.map { ReadableFile($0, self.names) }
    }

    /// Why the archive cannot be read, if these are its bytes; `nil` if it can.
    func problem(_ bytes: [UInt8]) throws -> ArchiveError? {
        try Data(bytes).write(to: URL(filePath: self.path))
        return self.problem()
    }

    func problem(for present: ArchiveIdentity = Self.identity) -> ArchiveError? {
        do throws(ArchiveError) {
            _ = try self.read(for: present)
            return nil
        } catch {
            return error
        }
    }

    func bytes() throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: self.path)))
    }
}

/// A file with the names of its networks, equal in all processes.
struct ReadableFile: Equatable {
    let id: FileID
    let size: FileSize
    let time: FileTime
    let version: RowVersion
    let ranges: [String]

    init(_ file: ArchivedFile, _ names: NetworkNames) {
        self.id = file.segment.id
        self.size = file.segment.size
        self.time = file.segment.lastModified
        self.version = file.rowVersion
        self.ranges = file.segment.ranges.map { range in
            let previous = range.previousHash.map(\.description) ?? "none"
            return
                "\(names.name(of: range.network)) \(range.start)-\(range.end) \(range.hash) \(previous)"
        }
    }
}
