import ProgressChain
import ProgressPostgres
import Synchronization

/// What outlives the server.
extension Validator {
    /// Takes in what an earlier life of the server had of this life of the database, once.
    mutating func restore(_ present: ArchiveIdentity) {
        guard let archive = self.context.archive, !self.isRestored else { return }
        self.isRestored = true
        let limit = self.context.budget.byteLimit / 10 * 9
        var gathered = GatheredRevisions(byteLimit: limit)
        do throws(ArchiveError) {
            let names = self.context.loaders.networkNames
            let tally = try archive.read(for: present, names: names) { revision, files in
                gathered.add(RevisionID(rawValue: revision), files)
            }
            guard tally != nil else { return }
        } catch {
            return self.context.observe(.archiveUnusable(error.description))
        }
        var count = 0
        for (id, chain) in gathered.finish() {
            count += chain.fileCount
            self.cache.restored(id, RevisionFiles(chain: chain))
        }
        self.counts.restoredCount += UInt64(count)
        // What is there is good for now; the first answers have need of the processors.
        self.nextArchive = .now.advanced(by: self.context.configuration.archiveInterval)
        self.context.observe(.archiveRestored(fileCount: count))
    }

    /// Has the archive written on another thread, if something changed and the time has come.
    mutating func archiveIfDue() {
        let interval = self.context.configuration.archiveInterval
        let (context, isWriting) = (self.context, self.isArchiving)
        // What was read while another one is written is for the next: only then does it count as written.
        guard let archive = context.archive,
            self.counts.loadCount + self.counts.rowCount != self.archivedCount,
            self.nextArchive <= .now,
            isWriting.exchange(true) == false
        else { return }
        guard let writing = self.archiving() else {
            _ = isWriting.exchange(false)
            return
        }
        self.nextArchive = .now.advanced(by: interval)
        do {
            try DedicatedThread.start(named: "archive") {
                writing.write(to: archive, context)
                _ = isWriting.exchange(false)
            }
        } catch {
            _ = isWriting.exchange(false)
        }
    }

    /// Writes the archive before the server ends.
    mutating func archiveAtEnd() {
        guard let archive = self.context.archive, let writing = self.archiving() else { return }
        writing.write(to: archive, self.context)
    }

    private mutating func archiving() -> ArchiveWriting? {
        guard let identity = self.identity, let snapshot = self.snapshot else { return nil }
        self.archivedCount = self.counts.loadCount + self.counts.rowCount
        return ArchiveWriting(
            identity: ArchiveIdentity(identity, xmax: snapshot.xmax),
            chains: self.cache.revisions.mapValues(\.files.chain)
        )
    }
}

extension ArchiveIdentity {
    init(_ identity: DatabaseIdentity, xmax: UInt64) {
        self.init(
            systemIdentifier: UInt64(bitPattern: identity.systemIdentifier),
            database: identity.database,
            postmasterStartTime: identity.postmasterStartTime,
            statisticsStartTime: identity.statisticsResetTime,
            xmax: xmax
        )
    }
}

/// Whether something is under way, for more than one thread.
final class SharedFlag: Sendable {
    private let value = Mutex(false)

    /// Sets the flag and tells what it was.
    func exchange(_ value: Bool) -> Bool {
        self.value.withLock { current in
            defer { current = value }
            return current
        }
    }
}

/// The chains of the revisions that an archive gives back, up to a number of bytes.
private struct GatheredRevisions {
    let byteLimit: Int
    private var builders: [RevisionID: MendedChain.Builder] = [:]
    private var byteCount = 0

    init(byteLimit: Int) { self.byteLimit = byteLimit }

    mutating func add(_ id: RevisionID, _ files: [ArchivedFile]) {
        let added = files.count * RevisionFiles.approximateFileByteCount
        guard self.byteCount + added <= self.byteLimit else { return }
        self.byteCount += added
        for file in files {
            self.builders[id, default: .init()].append(file.segment, version: file.rowVersion)
        }
    }

    mutating func finish() -> [(RevisionID, MendedChain)] {
        defer { self.builders = [:] }
        return self.builders.keys.map { id in
            (id, self.builders[id]?.finish() ?? MendedChain())
        }
    }
}

/// What is to be written; the chains share their storage with the cache's.
private struct ArchiveWriting: Sendable {
    /// Files that are unpacked at a time.
    private static let sliceCount = 16_384

    let identity: ArchiveIdentity
    let chains: [RevisionID: MendedChain]

    /// Blocks until it is on disk; a failure is only worth a line of the log.
    func write(to archive: ArchiveStore, _ context: ValidationContext) {
        do throws(ArchiveError) {
            _ = try archive.write(self.identity, names: context.loaders.networkNames) {
                writer throws(ArchiveError) in
                for (id, chain) in self.chains { try Self.append(chain, of: id, to: &writer) }
            }
        } catch {
            context.observe(.archiveUnusable(error.description))
        }
    }

    private static func append(
        _ chain: MendedChain,
        of id: RevisionID,
        to writer: inout ArchiveWriter
    ) throws(ArchiveError) {
        var slice: [ArchivedFile] = []
        try chain.forEach { segment, version throws(ArchiveError) in
            slice.append(ArchivedFile(segment: segment, rowVersion: version))
            guard slice.count == Self.sliceCount else { return }
            try writer.append(revision: id.rawValue, files: slice)
            slice.removeAll(keepingCapacity: true)
        }
        if !slice.isEmpty { try writer.append(revision: id.rawValue, files: slice) }
    }
}
