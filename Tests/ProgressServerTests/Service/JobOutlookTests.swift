import FoundationEssentials
import ProgressChain
import ProgressPostgres
import ProgressRPC
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressServer

@Suite("View FULL", .requiresPostgres, .timeLimit(.minutes(2)))
struct JobOutlookTests {
    @Test func atItsEndATableHasNoTimeToGo() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "29")
        try await database.addChain(of: 3, to: revision)
        try await withService(database) { client in
            let outlook = try await client.outlook(of: job).outlook
            #expect(outlook.percent == 100 && outlook.etaSeconds == 0 && outlook.hasEtaSeconds)
            #expect(outlook.tables[0].hasMissing && outlook.tables[0].missing.ranges.isEmpty)
        }
    }

    @Test func whereATableWithoutFilesBeginsIsNotKnown() async throws {
        let database = try await AmpDatabase.make()
        let (job, _) = try await database.makeBoundedJob(end: "99")
        try await withService(database) { client in
            let outlook = try await client.outlook(of: job).outlook
            #expect(!outlook.tables[0].hasMissing && outlook.tables[0].missing.ranges.isEmpty)
            #expect(outlook.tables[0].endBlock == 99 && !outlook.hasPercent)
        }
        let catalog = ManifestCatalog()
        _ = catalog.insert(Manifest(tables: ["blocks"], startBlock: 5), hash: "h")
        try await withService(database, configure: { $0.manifests = catalog }) { client in
            let table = try await client.outlook(of: job).outlook.tables[0]
            #expect(table.hasMissing)
            #expect(table.missing.ranges.map { [$0.startBlock, $0.endBlock] } == [[5, 99]])
        }
    }

    @Test func filesWithoutThePreviousHashAreNoFork() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "99")
        try await database.addChain(of: 5, to: revision)
        try await database.execute(
            "UPDATE file_metadata SET metadata = jsonb_set(metadata, '{ranges,0,prev_hash}', 'null')"
        )
        try await withService(database) { client in
            let answer = try await client.outlook(of: job)
            let table = answer.outlook.tables[0]
            #expect(answer.tables.first?.currentBlock == 9 && !table.hasFork)
            #expect(table.missing.ranges.map { [$0.startBlock, $0.endBlock] } == [[50, 99]])
        }
    }

    @Test(arguments: [nil, "latest", "-10", "x"])
    func withoutAnEndThereIsNoPercent(_ end: String?) async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: end)
        try await database.addChain(of: 3, to: revision)
        try await withService(database) { client in
            let answer = try await client.outlook(of: job)
            let table = try #require(answer.outlook.tables.first)
            #expect(!table.hasPercent && !table.hasEtaSeconds && !table.hasEndBlock)
            #expect(table.hasMissing && table.missing.ranges.isEmpty)
            #expect(!answer.outlook.hasPercent)
        }
    }

    @Test func gapsAndForksAreTold() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: nil, status: "COMPLETED")
        try await database.addChain(of: 2, to: revision)
        // Another chain from block 40 on, which links to nothing that is there; and one file that
        // branches off the first file and reaches beyond the canonical end.
        try await database.execute(AmpDatabase.chainScript(4..<6, of: revision))
        let range = { (start: Int, end: Int, hash: String, previous: String) in
            """
            {"table": "t", "filename": "f", "created_at": {"secs": 1, "nanos": 0},
             "ranges": [{"numbers": {"start": \(start), "end": \(end)}, "network": "mainnet",
                         "hash": "0x\(String(repeating: hash, count: 64))",
                         "prev_hash": "\(previous)"}]}
            """
        }
        let tail = try await database.write { session in
            try session.strings(
                "SELECT metadata -> 'ranges' -> 0 ->> 'hash' FROM file_metadata ORDER BY id LIMIT 1"
            )[0] ?? ""
        }
        _ = try await database.addFile(range(10, 25, "9", tail), to: revision)
        try await withService(database) { client in
            let answer = try await client.outlook(of: job)
            let table = try #require(answer.outlook.tables.first)
            #expect(answer.tables.first?.currentBlock == 19)
            #expect(
                table.fork.startBlock == 10 && table.fork.endBlock == 25 && table.forkFiles == 1
            )
            let missing = table.missing.ranges.map { [$0.startBlock, $0.endBlock] }
            #expect(missing == [[0, 9], [26, 39]])
            #expect(!answer.outlook.hasStalledSinceUs && !table.hasEtaSeconds)
        }
    }

    @Test func aTableOfSeveralNetworksHasTheRangeOfEach() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: nil)
        let hash = "0x" + String(repeating: "a", count: 64)
        _ = try await database.addFile(
            """
            {"table": "t", "filename": "f", "created_at": {"secs": 1, "nanos": 0}, "ranges": [
              {"numbers": {"start": 5, "end": 9}, "network": "mainnet", "hash": "\(hash)",
               "prev_hash": "\(hash)"},
              {"numbers": {"start": 100, "end": 120}, "network": "base", "hash": "\(hash)",
               "prev_hash": "\(hash)"}]}
            """,
            to: revision
        )
        try await withService(database) { client in
            let basic = await rpcError { try await client.jobProgress(job) }
            #expect(basic?.reason == "MULTI_NETWORK_SEGMENTS_ERROR")
            let table = try #require(try await client.outlook(of: job).outlook.tables.first)
            #expect(table.networks.map(\.network) == ["base", "mainnet"] && !table.hasMissing)
            #expect(table.networks.map(\.blocks.startBlock) == [100, 5])
            #expect(table.networks.map(\.blocks.endBlock) == [120, 9])
        }
    }

    @Test(arguments: [JobOutlook.unreadableLimit, JobOutlook.unreadableLimit + 1])
    func filesThatCannotBeDecodedAreNamedToThoseWhoSeeEverything(_ count: Int) async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        try await database.addChain(of: 2, to: revision)
        let other = try await database.addTable("logs", job: job)
        try await database.addChain(of: 3, to: other)
        let first = try await database.addFile(BadFile.metadata(start: "-1"), to: revision)
        let second = try await database.addFile(BadFile.metadata(), size: -1, to: revision)
        try await database.execute(
            """
            INSERT INTO file_metadata (location_id, file_name, url, object_size, metadata)
            SELECT \(revision), 'bad' || i, 'file:///', 1, '[]' FROM generate_series(3, \(count)) AS i
            """
        )
        try await withService(database) { client in
            let answer = try await client.outlook(of: job)
            let table = try #require(answer.outlook.tables.first)
            #expect(table.unreadable.files.count == JobOutlook.unreadableLimit)
            #expect(Int(table.unreadable.omitted) == count - JobOutlook.unreadableLimit)
            let files = table.unreadable.files.prefix(3)
            #expect(files.map(\.fileID) == [first, second, second + 1])
            #expect(
                files.map(\.reason) == [
                    "ranges[0].numbers.start is -1; it must be an integer from 0 to \(UInt64.max)",
                    "object_size is -1; it must be 0 or more, or NULL",
                    "the document is an array; it must be an object",
                ]
            )
            #expect(answer.tables.map(\.name) == ["blocks", "logs"])
            #expect(answer.tables.map(\.hasCurrentBlock) == [false, true])
            #expect(answer.tables[0].filesCount == 0 && answer.tables[1].filesCount == 3)
            #expect(!table.hasLastFileAtUs && !table.hasPercent && table.endBlock == 399)
            #expect(answer.outlook.tables[1].hasPercent && !answer.outlook.hasPercent)
            #expect(!answer.outlook.hasLastFileAtUs && !answer.outlook.hasStalledSinceUs)
        }
    }

    @Test(arguments: [PeerRole.trusted, .gateway])
    func whoSendsAScopeIsNotToldWhichFilesCannotBeDecoded(_ role: PeerRole) async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: nil)
        let file = try await database.addFile("[]", to: revision)
        try await withService(database, role: role) { client in
            for scope in [PBScope.everything(details: true), .datasets("eth/", details: true)] {
                let error = await rpcError {
                    try await client.outlook(of: job, CallOptions(scope: scope))
                }
                #expect(error?.reason == "SNAPSHOT_TABLE_ERROR")
                #expect(error?.message == "a file of table 'blocks' has unreadable metadata")
                #expect(error?.details == ["table": "blocks"], "file \(file) is not named")
            }
        }
    }

    @Test func theReasonOfAFileIsCutAtACharacter() {
        let error = FileMetadataError(
            path: "",
            found: String(repeating: "é", count: JobOutlook.reasonByteLimit),
            allowed: ""
        )
        let text = JobOutlook.text(of: .metadata(error))
        // 16 bytes and whole characters of two.
        #expect(text == "the document is " + String(repeating: "é", count: 120))
        #expect(text.utf8.count == JobOutlook.reasonByteLimit)
    }

    @Test func itIsCurrentAndWithinTheScope() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: nil)
        try await withService(database, role: .gateway) { client in
            let own = CallOptions(scope: .datasets("eth/"))
            for count in 1...5 as ClosedRange<Int64> {
                try await database.addChain(of: 1, to: revision)
                let answer = try await client.outlook(of: job, own)
                #expect(answer.tables.first?.filesCount == count)
            }
            let other = CallOptions(scope: .datasets("base/"))
            let error = await rpcError { try await client.outlook(of: job, other) }
            #expect(error?.reason == "JOB_NOT_FOUND")
        }
    }

    @Test func whereTheJobIsToEndBelongsToItsDataset() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        try await database.activate(revision, as: "copy", of: "base/copy")
        try await database.addChain(of: 2, to: revision)
        try await withService(database, role: .gateway) { client in
            let foreign = CallOptions(scope: .datasets("base/"))
            let answer = try await client.outlook(of: job, foreign)
            let table = try #require(answer.outlook.tables.first)
            #expect(table.name == "copy" && !table.hasEndBlock && !table.hasPercent)
            #expect(table.missing.ranges.isEmpty && answer.outlook.datasetName.isEmpty)
        }
    }

    @Test func itComesAlone() async throws {
        let database = try await AmpDatabase.make()
        let (job, _) = try await database.makeBoundedJob(end: nil)
        try await withService(database) { client in
            let requests = [
                PBGetJobProgressRequest.full(job) { $0.maxStalenessMs = 1 },
                PBGetJobProgressRequest.full(job) { $0.knownVersion = .init(count: 16) },
                PBGetJobProgressRequest.full(job) { $0.view = .UNRECOGNIZED(2) },
                PBGetJobProgressRequest.full(0),
            ]
            for request in requests {
                let error = await rpcError {
                    try await client.call(.getJobProgress, try request.encoded())
                }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test func whatDoesNotFitIsTold() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: nil)
        try await database.addChain(of: 4_000, to: revision)
        try await withService(database, configure: { $0.cacheByteLimit = 128 << 10 }) { client in
            let error = await rpcError { try await client.outlook(of: job) }
            #expect(error?.reason == "TOO_LARGE_FOR_VIEW")
        }
    }
}
