import Crypto
import FoundationEssentials
import NIOCore
import ProgressChain
import ProgressRPC
import SwiftProtobuf

/// Makes the answer for one scope from what was read.
struct ProgressAnswer {
    let visibility: Visibility
    /// Whether a failure's detail is shown in full.
    let showsDetails: Bool
    let observe: @Sendable (Observation) -> Void

    init(to scope: PBScope, observe: @escaping @Sendable (Observation) -> Void) {
        self.visibility = Visibility(scope)
        self.showsDetails = scope.details
        self.observe = observe
    }

    /// How the engine has answers made.
    static func render(
        observe: @escaping @Sendable (Observation) -> Void
    ) -> ProgressEngine.Render {
        { job, scope, plan, outcomes in
            Self(to: scope.message, observe: observe).held(for: job, plan, outcomes)
        }
    }

    /// The answer encoded, or the error that stands in its place.
    func held(
        for job: JobID,
        _ plan: JobPlan?,
        _ outcomes: [RevisionID: TableOutcome]
    ) -> HeldAnswer {
        do throws(RPCError) {
            var body = try self.message(for: job, plan, outcomes).encoded()
            let digest = digest(of: body)
            ReplyEncoding.append(version: digest, to: &body)
            return HeldAnswer(
                result: .success(body),
                version: AnswerVersion(digest.span, from: 0),
                stamp: 0
            )
        } catch {
            return HeldAnswer(result: .failure(error), version: nil, stamp: 0)
        }
    }

    /// - Throws: ``RPCError`` with code `notFound`, or with the reason why a table has no numbers.
    private func message(
        for job: JobID,
        _ plan: JobPlan?,
        _ outcomes: [RevisionID: TableOutcome]
    ) throws(RPCError) -> PBJobProgress {
        guard let plan, let tables = self.visibility.tables(of: plan) else {
            throw .noSuchJob(job)
        }
        let status = JobStatus(stored: plan.status)
        var message = PBJobProgress()
        message.jobID = job.rawValue
        message.jobStatus = status.rawValue
        message.tables.reserveCapacity(tables.count)
        for table in tables {
            message.tables.append(try self.progress(of: table, outcomes[table.revision]))
        }
        if status.isFailure, let detail = self.shownDetail(of: plan) { message.detailJson = detail }
        return message
    }

    private func shownDetail(of plan: JobPlan) -> String? {
        guard self.visibility.includesDataset(of: plan) else { return nil }
        return self.showsDetails ? plan.detail : plan.detail.flatMap(FailureDetail.redacted)
    }

    private func progress(
        of table: JobTable,
        _ outcome: TableOutcome?
    ) throws(RPCError) -> PBTableProgress {
        let summary: TableSummary
        switch outcome ?? .summary(.empty) {
        case .summary(let found): summary = table.summary(of: found)
        case .undecodable(let file):
            self.observe(.fileUndecodable(table, file))
            throw RPCError(unreadableTable: table.name)
        case .failed(let error):
            self.observe(.tableFailed(table, error))
            throw RPCError(error, table: table.name)
        }
        var progress = PBTableProgress()
        progress.name = table.name
        if let range = summary.syncedRange {
            progress.startBlock = range.startBlock
            progress.currentBlock = range.currentBlock
        }
        progress.filesCount = Int64(summary.fileCount)
        progress.totalSizeBytes = summary.totalByteCount
        progress.datasetNamespace = table.dataset.namespace
        progress.datasetName = table.dataset.name
        return progress
    }
}

/// The first half of a digest of the encoded answer: equal answers have equal versions.
private func digest(of encoded: ByteBuffer) -> [UInt8] {
    var hash = SHA256()
    unsafe encoded.withUnsafeReadableBytes { unsafe hash.update(bufferPointer: $0) }
    return Array(hash.finalize().prefix(16))
}

extension RPCError {
    /// The failure of a table of which a file cannot be decoded.
    init(unreadableTable table: String) {
        self.init(
            .internalError,
            "a file of table '\(table)' has unreadable metadata",
            reason: "SNAPSHOT_TABLE_ERROR",
            details: ["table": table]
        )
    }

    /// The failure of a table, without the numbers of its files.
    init(_ error: TableError, table: String) {
        switch error {
        case .multipleNetworks:
            self.init(
                .internalError,
                "table '\(table)' has a file that is not of one network, the same for all",
                reason: "MULTI_NETWORK_SEGMENTS_ERROR",
                details: ["table": table]
            )
        case .blockNumberOverflow(let number):
            self.init(
                .internalError,
                "block number \(number) of table '\(table)' is too large; the limit is \(Int64.max)",
                reason: "BLOCK_NUMBER_OVERFLOW",
                details: ["table": table, "block": "\(number)"]
            )
        case .totalSizeOverflow:
            self.init(
                .internalError,
                "the files of table '\(table)' sum to more than \(Int64.max) bytes",
                reason: "SNAPSHOT_TABLE_ERROR",
                details: ["table": table]
            )
        }
    }
}
