import FoundationEssentials
import Glibc
import ProgressChain
import TestSupport
import Testing

@testable import ProgressServer

@Suite("The archive in its directory")
struct ArchiveStoreTests {
    let fixture: ArchiveFixture
    let files: [ArchivedFile]

    init() throws {
        self.fixture = try ArchiveFixture()
        var random = RandomArchive(seed: 2, names: self.fixture.names)
        self.files = try random.chain(10)
    }

    var content: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: self.fixture.directory.path)
                .filter { $0 != "lock" }
                .sorted()
        }
    }

    func openingProblem(_ directory: String) -> ArchiveError? {
        do throws(ArchiveError) {
            _ = try ArchiveStore(directory: directory, byteLimit: 1 << 20)
            return nil
        } catch {
            return error
        }
    }

    @Test("There is none at first, and none after it was removed")
    func absent() throws {
        #expect(try self.fixture.read() == nil)
        try self.fixture.write([(1, self.files)])
        #expect(try self.fixture.read() != nil)
        self.fixture.store.remove()
        #expect(try self.fixture.read() == nil)
        #expect(try self.content == [])
    }

    @Test("Only its owner can read it")
    func mode() throws {
        try self.fixture.write([(1, self.files)])
        var status = stat()
        #expect(stat(self.fixture.path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
    }

    @Test("A writing that fails leaves the archive that was there, and nothing else")
    func failure() throws {
        try self.fixture.write([(1, self.files)])
        let before = try self.fixture.bytes()
        let failure = ArchiveError(.system, "the disk is full")
        #expect(throws: failure) {
            try self.fixture.store.write(ArchiveFixture.identity, names: self.fixture.names) {
                writer throws(ArchiveError) in
                try writer.append(revision: 2, files: self.files)
                throw failure
            }
        }
        #expect(try self.fixture.bytes() == before)
        #expect(try self.content == [ArchiveStore.fileName])
    }

    @Test("What a reader has open stays whole while another takes its place")
    func replacement() throws {
        try self.fixture.write([(1, self.files)])
        let before = try self.fixture.bytes()
        let reader = try OpenFile(self.fixture.path)
        // A crash left this behind.
        let draft = "\(self.fixture.path).new"
        #expect(FileManager.default.createFile(atPath: draft, contents: Data([1, 2, 3])))
        try self.fixture.write([(2, self.files)])
        #expect(reader.bytes() == before)
        #expect(try self.fixture.read()?.keys.sorted() == [2])
        #expect(try self.content == [ArchiveStore.fileName])
    }

    @Test("What cannot be used is removed")
    func removal() throws {
        #expect(try self.fixture.problem([1, 2, 3])?.code == .damaged)
        #expect(try self.content == [])
    }

    @Test("A directory, a link, a pipe and a file that others may write are not archives")
    func foreignFiles() throws {
        let path = self.fixture.path
        try self.fixture.write([(1, self.files)])
        #expect(rename(path, "\(path).real") == 0)
        #expect(symlink("\(path).real", path) == 0)
        #expect(self.fixture.problem()?.code == .notOurs)
        #expect(access("\(path).real", F_OK) == 0)

        #expect(mkfifo(path, 0o600) == 0)
        #expect(self.fixture.problem()?.code == .notOurs)

        #expect(rename("\(path).real", path) == 0)
        #expect(chmod(path, 0o620) == 0)
        #expect(self.fixture.problem()?.code == .notOurs)

        #expect(mkdir(path, 0o700) == 0)
        #expect(self.fixture.problem()?.code == .notOurs)
        // It cannot be replaced either, and the draft does not stay.
        #expect(throws: ArchiveError.self) { try self.fixture.write([(1, self.files)]) }
        #expect(try self.content == [ArchiveStore.fileName])
    }

    @Test("A file that must not be read is an error", .enabled(if: geteuid() != 0))
    func unreadable() throws {
        try self.fixture.write([(1, self.files)])
        #expect(chmod(self.fixture.path, 0) == 0)
        #expect(self.fixture.problem()?.code == .system)
    }

    @Test("Two servers cannot have one directory; the second may when the first is gone")
    func locking() throws {
        let directory = try TemporaryDirectory()
        var first: ArchiveStore? = try ArchiveStore(directory: directory.path, byteLimit: 1)
        #expect(self.openingProblem(directory.path)?.code == .inUse)
        withExtendedLifetime(first) {}
        first = nil
        #expect(self.openingProblem(directory.path) == nil)
    }

    @Test("A state directory that is missing, no directory or everyone's is refused")
    func directories() throws {
        let directory = try TemporaryDirectory()
        #expect(self.openingProblem("\(directory.path)/none")?.code == .system)
        #expect(self.openingProblem("\(directory.path)/lock")?.code == .system)
        #expect(chmod(directory.path, 0o1777) == 0)
        #expect(self.openingProblem(directory.path)?.code == .notOurs)
    }
}

/// A file that was opened before something else took its name.
private final class OpenFile {
    private let descriptor: CInt

    init(_ path: String) throws {
        self.descriptor = open(path, O_RDONLY | O_CLOEXEC)
        try #require(self.descriptor >= 0)
    }

    deinit { close(self.descriptor) }

    func bytes() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, read(self.descriptor, buffer.baseAddress, buffer.count))
        }
    }
}
