import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("A directory of manifests")
struct ManifestDirectoryTests {
    private let directory: TemporaryDirectory
    private let catalog = ManifestCatalog()

    init() throws { self.directory = try TemporaryDirectory() }

    private func write(_ content: String, as name: String) throws {
        try Data(content.utf8).write(to: URL(filePath: "\(self.directory.path)/\(name)"))
    }

    @Test func aManifestIsKnownByTheHashOfItsBytes() throws {
        let content = #"{"kind":"manifest","tables":{"a":{}}}"#
        try self.write(content, as: Self.knownHash)
        var directory = ManifestDirectory(path: self.directory.path)
        #expect(try directory.look(for: self.catalog).newCount == 1)
        #expect(self.catalog.contains(Self.knownHash))
        let nothing = try directory.look(for: self.catalog)
        #expect(nothing == ManifestDirectory.Finding())
    }

    /// By `sha256sum`.
    private static let knownHash =
        "568b7c587ddf5ed1d9b0d2b79a35a223afd9d52b412d142dabab8e1ffc224e0c"

    @Test func whatIsNoManifestIsToldOnceUntilItChanges() throws {
        let good = #"{"kind":"manifest","tables":{}}"#
        let name = ManifestDirectory.name(of: Data(good.utf8))
        let kind = #"{"kind":"x"}"#
        let kindName = ManifestDirectory.name(of: Data(kind.utf8))
        try self.write(good + " ", as: name)
        try self.write(kind, as: kindName)
        try self.write("not looked at", as: "README")
        try self.write(good, as: name.uppercased())
        var directory = ManifestDirectory(path: self.directory.path)
        let finding = try directory.look(for: self.catalog)
        #expect(finding.newCount == 0 && finding.refusals.count == 2)
        let reasons = Dictionary(
            uniqueKeysWithValues: finding.refusals.map { ($0.name, $0.reason.description) }
        )
        #expect(reasons[name]?.hasPrefix("its SHA-256 is ") == true)
        #expect(reasons[kindName]?.hasPrefix("its kind is 'x'") == true)
        #expect(try directory.look(for: self.catalog).refusals.isEmpty)
        try self.write(good, as: name)
        #expect(try directory.look(for: self.catalog).newCount == 1)
    }

    @Test func onlyRegularFilesOfABoundedSizeAreRead() throws {
        let names = (0..<3).map { String(repeating: "\($0)", count: 64) }
        let path = { (name: String) in "\(self.directory.path)/\(name)" }
        #expect(mkdir(path(names[0]), 0o700) == 0)
        #expect(mkfifo(path(names[1]), 0o600) == 0)
        try self.write("", as: names[2])
        #expect(truncate(path(names[2]), off_t(ManifestDirectory.fileByteLimit + 1)) == 0)
        var directory = ManifestDirectory(path: self.directory.path)
        let reasons = try directory.look(for: self.catalog).refusals.map(\.reason.description)
        let irregular = "it is not a regular file"
        #expect(reasons == [irregular, irregular, "it has 16777217 bytes; the limit is 16777216"])
        #expect(truncate(path(names[2]), off_t(ManifestDirectory.fileByteLimit)) == 0)
        let again = try directory.look(for: self.catalog).refusals.map(\.reason.description)
        #expect(again.count == 1 && again[0].hasPrefix("its SHA-256 is "))
    }

    @Test func aLinkIsFollowedAndAManifestThatGoesStaysKnown() throws {
        let content = #"{"kind":"static","tables":{}}"#
        let name = ManifestDirectory.name(of: Data(content.utf8))
        try self.write(content, as: "elsewhere")
        #expect(symlink("elsewhere", "\(self.directory.path)/\(name)") == 0)
        var directory = ManifestDirectory(path: self.directory.path)
        #expect(try directory.look(for: self.catalog).newCount == 1)
        #expect(unlink("\(self.directory.path)/\(name)") == 0)
        let nothing = try directory.look(for: self.catalog)
        #expect(nothing == ManifestDirectory.Finding())
        #expect(self.catalog.contains(name))
    }

    @Test func noDirectoryIsAnError() {
        var directory = ManifestDirectory(path: "/nonexistent")
        #expect(throws: ManifestError("'/nonexistent' is no directory that can be listed")) {
            try directory.look(for: self.catalog)
        }
    }

    @Test func oneManifestTooManyIsNotTaken() {
        let manifest = Manifest(tables: [], startBlock: nil)
        for number in 0..<ManifestCatalog.manifestLimit {
            #expect(self.catalog.insert(manifest, hash: "\(number)"))
        }
        #expect(!self.catalog.insert(manifest, hash: "one more"))
        #expect(self.catalog.insert(manifest, hash: "0"))
        #expect(self.catalog.count == ManifestCatalog.manifestLimit)
    }

    @Test func theWatchTellsNewsAndWhatIsWrong() async throws {
        let news = Counter()
        let observations = Observations()
        let watch = ManifestWatch(
            ManifestDirectory(path: self.directory.path),
            for: self.catalog,
            observe: observations.record,
            onNews: news.increment
        )
        await watch.lookOnce()
        #expect(news.value == 0)
        let content = #"{"kind":"static","tables":{}}"#
        try self.write(content, as: ManifestDirectory.name(of: Data(content.utf8)))
        try self.write(content, as: String(repeating: "0", count: 64))
        await watch.lookOnce()
        await watch.lookOnce()
        #expect(news.value == 1 && observations.all.count == 1)
        self.directory.remove()
        await watch.lookOnce()
        guard case .manifestsUnreadable? = observations.all.last else {
            Issue.record("observed \(observations.all)")
            return
        }
        #expect(self.catalog.count == 1)
    }
}
