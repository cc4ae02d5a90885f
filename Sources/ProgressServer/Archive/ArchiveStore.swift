import Glibc
import ProgressChain
import Synchronization

/// The archive in a state directory, which is locked as long as the store lives.
///
/// Its methods block the calling thread: for seconds, with millions of files.
final class ArchiveStore: Sendable {
    /// The name of the archive in its directory.
    static let fileName = "segments.progress"
    private static let draftName = "segments.progress.new"

    private let directory: CInt
    private let byteLimit: Int
    /// Held while a draft is written: there is one name for drafts.
    private let writing = Mutex(())

    /// Opens and locks a directory.
    ///
    /// - Parameter byteLimit: The most bytes of an archive, to be written or to be read.
    /// - Throws: ``ArchiveError`` if there is no such directory, others may write to it, or another
    ///   server has it.
    init(directory path: String, byteLimit: Int) throws(ArchiveError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open the state directory '\(path)'") }
        self.directory = descriptor
        self.byteLimit = byteLimit
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system("examine the state directory '\(path)'")
        }
        guard status.st_mode & S_IWOTH == 0 else {
            throw ArchiveError(
                .notOurs,
                "everyone may write to the state directory '\(path)'; take that away with chmod o-w"
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else {
                throw .system("lock the state directory '\(path)'")
            }
            throw ArchiveError(
                .inUse,
                "another server has the state directory '\(path)'; give each its own"
            )
        }
    }

    deinit { close(self.directory) }

    /// Reads the archive that is there.
    ///
    /// One that cannot be used is removed: it would be no better the next time.
    ///
    /// - Parameter each: Called with files of a revision, perhaps more than once for each revision.
    /// - Returns: `nil` if there is no archive.
    /// - Throws: ``ArchiveError``, after which what `each` was given must be forgotten.
    func read(
        for present: ArchiveIdentity,
        names: NetworkNames,
        each: (_ revision: Int64, _ files: [ArchivedFile]) -> Void
    ) throws(ArchiveError) -> ArchiveTally? {
        do throws(ArchiveError) {
            guard
                let file = try ArchiveFile.reading(
                    Self.fileName,
                    in: self.directory,
                    byteLimit: self.byteLimit
                )
            else { return nil }
            return try ArchiveReader.read(file, for: present, names: names, each: each)
        } catch {
            self.remove()
            throw error
        }
    }

    /// Puts a new archive in the place of the old one, in one step and on disk.
    ///
    /// - Parameters:
    ///   - identity: The life of the database now. Its `xmax` is from a snapshot not older than any
    ///     that the files were read in.
    ///   - names: The names of the files' networks.
    ///   - body: Appends the revisions.
    /// - Returns: What was written.
    /// - Throws: ``ArchiveError``, with the old archive still in its place.
    func write(
        _ identity: ArchiveIdentity,
        names: NetworkNames,
        _ body: (inout ArchiveWriter) throws(ArchiveError) -> Void
    ) throws(ArchiveError) -> ArchiveTally {
        try self.writing.withLock { _ throws(ArchiveError) in
            // Under the two locks a draft that exists is what a crash left behind.
            _ = unsafe unlinkat(self.directory, Self.draftName, 0)
            do throws(ArchiveError) {
                let tally = try self.writeDraft(identity, names, body)
                guard
                    unsafe renameat(
                        self.directory,
                        Self.draftName,
                        self.directory,
                        Self.fileName
                    ) == 0
                else { throw .system("replace '\(Self.fileName)'") }
                guard fsync(self.directory) == 0 else {
                    throw .system("write the state directory to disk")
                }
                return tally
            } catch {
                _ = unsafe unlinkat(self.directory, Self.draftName, 0)
                throw error
            }
        }
    }

    /// Removes the archive, if there is one.
    func remove() {
        _ = unsafe unlinkat(self.directory, Self.fileName, 0)
    }

    private func writeDraft(
        _ identity: ArchiveIdentity,
        _ names: NetworkNames,
        _ body: (inout ArchiveWriter) throws(ArchiveError) -> Void
    ) throws(ArchiveError) -> ArchiveTally {
        var writer = try ArchiveWriter(
            to: try ArchiveFile.creating(Self.draftName, in: self.directory),
            identity: identity,
            names: names,
            byteLimit: self.byteLimit
        )
        try body(&writer)
        try writer.finish()
        return writer.tally
    }
}
