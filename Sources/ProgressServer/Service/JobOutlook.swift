import FoundationEssentials
import NIOCore
import ProgressChain
import ProgressRPC
import SwiftProtobuf

/// Makes the answer with view FULL from what is held of a job.
struct JobOutlook {
    /// Most missing ranges that are listed for a table.
    static let missingLimit = 1_000
    /// Without a new file for so long, what runs has stalled, in microseconds: Amp closes a file after
    /// ten minutes.
    static let stallTime: Int64 = 15 * 60 * 1_000_000
    /// Most files that are named of a table of which some cannot be decoded.
    static let unreadableLimit = 100
    /// Most bytes of the reason of one of them.
    static let reasonByteLimit = 256

    let holdings: JobHoldings
    let visibility: Visibility
    let showsDetails: Bool
    /// Whether files that cannot be decoded are named; else they fail the answer.
    let namesFiles: Bool
    let names: NetworkNames
    /// Microseconds since 1970.
    let now: Int64

    /// - Throws: ``RPCError`` if a table has no numbers, unless the message tells why.
    func message() throws(RPCError) -> PBJobProgress {
        let plan = self.holdings.plan
        let status = JobStatus(stored: plan.status)
        var message = PBJobProgress()
        message.jobID = plan.id.rawValue
        message.jobStatus = status.rawValue
        if status.isFailure, let detail = plan.detail, self.visibility.includesDataset(of: plan) {
            let shown = self.showsDetails ? detail : FailureDetail.redacted(detail)
            if let shown { message.detailJson = shown }
        }
        var outlook = PBJobOutlook()
        if let dataset = plan.dataset, self.visibility.includesDataset(of: plan) {
            outlook.datasetNamespace = dataset.namespace
            outlook.datasetName = dataset.name
        }
        for table in self.holdings.tables {
            let (progress, table) = try self.table(table, isRunning: status == .running)
            message.tables.append(progress)
            outlook.tables.append(table)
        }
        // What is newest may be among the files that cannot be decoded.
        if outlook.tables.allSatisfy(\.unreadable.files.isEmpty) {
            outlook.summarize()
            if status == .running { self.addStall(since: plan.statusSince, to: &outlook) }
        }
        message.outlook = outlook
        return message
    }

    /// - Parameter start: When the job came to run: one that was started again has its time anew.
    private func addStall(since start: Int64?, to outlook: inout PBJobOutlook) {
        let moments = [start, outlook.hasLastFileAtUs ? outlook.lastFileAtUs : nil]
        if let latest = moments.compactMap(\.self).max(), self.age(of: latest) > Self.stallTime {
            outlook.stalledSinceUs = latest
        }
    }

    /// In microseconds; negative for a time to come, as clocks of workers go wrong.
    private func age(of time: Int64) -> Int64 {
        let (age, isTooLarge) = self.now.subtractingReportingOverflow(time)
        return isTooLarge ? (time < 0 ? .max : .min) : age
    }

    private func table(
        _ table: JobTable,
        isRunning: Bool
    ) throws(RPCError) -> (PBTableProgress, PBTableOutlook) {
        let files = self.holdings.files[table.revision] ?? RevisionFiles()
        var progress = PBTableProgress()
        progress.name = table.name
        progress.datasetNamespace = table.dataset.namespace
        progress.datasetName = table.dataset.name
        var outlook = PBTableOutlook()
        outlook.name = table.name
        outlook.revision = table.revision.rawValue
        outlook.manifestHash = table.manifestHash
        // What a job is to do belongs to its dataset.
        let end =
            self.visibility.includesDataset(of: self.holdings.plan)
            ? self.holdings.plan.endBlock.flatMap { UInt64($0) } : nil
        if let end { outlook.endBlock = end }
        guard files.undecodable.isEmpty else {
            guard self.namesFiles else { throw RPCError(unreadableTable: table.name) }
            outlook.nameUnreadable(files)
            return (progress, outlook)
        }
        var segments: [Segment] = []
        segments.reserveCapacity(files.fileCount)
        files.chain.forEach { segment, _ in segments.append(segment) }
        if let newest = segments.map(\.lastModified).max() {
            outlook.lastFileAtUs = newest.microseconds
        }
        switch files.outcome {
        case .undecodable: throw RPCError(unreadableTable: table.name)
        case .failed(.multipleNetworks): self.addNetworks(of: segments, to: &outlook)
        case .failed(let error): throw RPCError(error, table: table.name)
        case .summary(let files):
            let summary = table.summary(of: files)
            progress.filesCount = Int64(summary.fileCount)
            progress.totalSizeBytes = summary.totalByteCount
            guard let range = files.syncedRange, let chain = CanonicalChain(of: segments) else {
                self.addEmptyRange(of: table, until: end, to: &outlook)
                break
            }
            let span = UInt64(range.startBlock)...UInt64(range.currentBlock)
            // What is missing tells why a table that begins too late has no data.
            let start = min(span.lowerBound, table.startBlock ?? span.lowerBound)
            self.addRanges(of: segments, chain, from: start, until: end, to: &outlook)
            guard summary.syncedRange != nil else { break }
            progress.startBlock = range.startBlock
            progress.currentBlock = range.currentBlock
            if isRunning, self.isGrowing(chain), let rate = SyncRate.blocksPerSecond(of: chain) {
                outlook.blocksPerSecond = rate
            }
            outlook.estimate(span, until: end, isRunning: isRunning)
        }
        return (progress, outlook)
    }

    /// Whether the last file of the chain was made just now: neither one beside it nor an earlier one,
    /// which may be a compacted one, tells that it grows.
    private func isGrowing(_ chain: CanonicalChain) -> Bool {
        guard let last = chain.segments.last?.lastModified.microseconds else { return false }
        return -Self.stallTime...Self.stallTime ~= self.age(of: last)
    }

    /// Why a file cannot be decoded, within ``reasonByteLimit``.
    static func text(of reason: FileRowError) -> String {
        "\(reason)".prefix(utf8Count: Self.reasonByteLimit)
    }

    private func addRanges(
        of segments: [Segment],
        _ chain: CanonicalChain,
        from start: UInt64,
        until end: UInt64?,
        to outlook: inout PBTableOutlook
    ) {
        let fork = Fork(beside: chain)
        if let fork, let first = fork.segments.first?.ranges.only,
            let last = fork.segments.last?.ranges.only
        {
            outlook.fork = PBBlockSpan(first.start, last.end)
            outlook.forkFiles = UInt32(clamping: fork.segments.count)
        }
        // Files of several ranges beside the chain leave no single row of blocks to look at.
        guard let last = end ?? segments.lazy.compactMap({ $0.ranges.only?.end }).max(),
            last >= start,
            let missing = try? MissingRanges(of: start...last, in: segments, beside: fork, chain)
        else { return }
        outlook.missing.ranges = missing.ranges.prefix(Self.missingLimit).map {
            PBBlockSpan($0.lowerBound, $0.upperBound)
        }
        outlook.missing.omitted = UInt32(
            clamping: missing.ranges.count - outlook.missing.ranges.count
        )
    }

    /// What a table without files lacks, if it is known where it begins.
    private func addEmptyRange(
        of table: JobTable,
        until end: UInt64?,
        to outlook: inout PBTableOutlook
    ) {
        guard let start = table.startBlock, let end, start <= end else { return }
        outlook.missing.ranges = [PBBlockSpan(start, end)]
    }

    private func addNetworks(of segments: [Segment], to outlook: inout PBTableOutlook) {
        guard let chain = CanonicalChain(of: segments) else { return }
        var spans: [String: PBBlockSpan] = [:]
        for range in chain.segments.flatMap({ $0.ranges.map { $0 } }) {
            let name = self.names.name(of: range.network)
            let known = spans[name] ?? PBBlockSpan(range.start, range.end)
            spans[name] = PBBlockSpan(
                min(known.startBlock, range.start),
                max(known.endBlock, range.end)
            )
        }
        outlook.networks = spans.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { name, span in
                .with {
                    $0.network = name
                    $0.blocks = span
                }
            }
    }
}

extension PBBlockSpan {
    fileprivate init(_ start: UInt64, _ end: UInt64) {
        self.init()
        self.startBlock = start
        self.endBlock = end
    }
}

extension PBTableOutlook {
    /// Names the files that cannot be decoded, from the lowest id up.
    fileprivate mutating func nameUnreadable(_ files: RevisionFiles) {
        let ids = files.undecodable.keys.sorted()
        self.unreadable.files = ids.prefix(JobOutlook.unreadableLimit).map { id in
            .with {
                $0.fileID = id.rawValue
                $0.reason = files.undecodable[id].map { JobOutlook.text(of: $0.reason) } ?? ""
            }
        }
        self.unreadable.omitted = UInt32(clamping: ids.count - self.unreadable.files.count)
    }

    /// Percent and time to go: only towards an end that is a number, never a made-up one.
    fileprivate mutating func estimate(
        _ span: ClosedRange<UInt64>,
        until end: UInt64?,
        isRunning: Bool
    ) {
        guard let end, end >= span.lowerBound else { return }
        let whole = Double(end - span.lowerBound) + 1
        let done = Double(min(end, span.upperBound) - span.lowerBound) + 1
        self.percent = min(100, done / whole * 100)
        guard isRunning else { return }
        guard done < whole else {
            self.etaSeconds = 0
            return
        }
        guard self.hasBlocksPerSecond, self.blocksPerSecond > 0 else { return }
        let seconds = ((whole - done) / self.blocksPerSecond).rounded(.up)
        if seconds < 1e15 { self.etaSeconds = UInt64(seconds) }
    }
}

extension PBJobOutlook {
    /// What the tables come to: a job is done when its slowest table is.
    fileprivate mutating func summarize() {
        let tables = self.tables
        if !tables.isEmpty, tables.allSatisfy(\.hasPercent) {
            self.percent = tables.map(\.percent).min() ?? 0
        }
        if !tables.isEmpty, tables.allSatisfy(\.hasEtaSeconds) {
            self.etaSeconds = tables.map(\.etaSeconds).max() ?? 0
        }
        if let newest = tables.filter(\.hasLastFileAtUs).map(\.lastFileAtUs).max() {
            self.lastFileAtUs = newest
        }
    }
}
