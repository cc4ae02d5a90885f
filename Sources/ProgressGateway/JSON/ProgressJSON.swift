package import NIOCore
package import ProgressRPC

/// The bodies of `GET /jobs/{id}/progress`, byte for byte as Amp's clients know it, table names
/// sorted, and of `GET /jobs/progress`, which has many of them.
package enum ProgressJSON {
    /// Why one job of several has no answer.
    package struct Failure {
        var jobID: Int64
        var code: String
        var message: String

        /// - Parameter code: A stable token such as `JOB_NOT_FOUND`.
        package init(jobID: Int64, code: String, message: String) {
            self.jobID = jobID
            self.code = code
            self.message = message
        }
    }

    /// The answer about one job.
    ///
    /// - Parameter parts: What more of its outlook to tell.
    package static func encode(
        _ progress: PBJobProgress,
        including parts: OutlookParts = []
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(Self.byteCount(progress))
        Self.encode(progress, parts, into: &buffer)
        return buffer
    }

    /// The answer about several jobs: `{"jobs":[…],"errors":[…]}`.
    package static func encode(_ jobs: [PBJobProgress], _ failures: [Failure]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(
            jobs.reduce(64 + 128 * failures.count) { $0 + Self.byteCount($1) }
        )
        buffer.writeStaticString(#"{"jobs":["#)
        for (index, job) in jobs.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            Self.encode(job, [], into: &buffer)
        }
        buffer.writeStaticString(#"],"errors":["#)
        for (index, failure) in failures.enumerated() {
            buffer.writeStaticString(index > 0 ? #",{"job_id":"# : #"{"job_id":"#)
            buffer.writeJSON(failure.jobID)
            buffer.writeStaticString(#","error_code":"#)
            buffer.writeJSON(failure.code)
            buffer.writeStaticString(#","error_message":"#)
            buffer.writeJSON(failure.message)
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("]}")
        return buffer
    }

    /// About how many bytes the answer has.
    private static func byteCount(_ progress: PBJobProgress) -> Int {
        128 + 128 * progress.tables.count + progress.detailJson.utf8.count
    }

    private static func encode(
        _ progress: PBJobProgress,
        _ parts: OutlookParts,
        into buffer: inout ByteBuffer
    ) {
        let outlooks = Dictionary(progress.outlook.tables.map { ($0.name, $0) }) { first, _ in first
        }
        buffer.writeStaticString(#"{"job_id":"#)
        buffer.writeJSON(progress.jobID)
        buffer.writeStaticString(#","job_status":"#)
        buffer.writeJSON(progress.jobStatus)
        buffer.writeStaticString(#","tables":{"#)
        let tables = progress.tables.sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        for (index, table) in tables.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            Self.encode(table, outlooks[table.name], parts, into: &buffer)
        }
        buffer.writeStaticString("}")
        if progress.hasDetailJson {
            // JSON already, and passed on as it is.
            buffer.writeStaticString(#","detail":"#)
            buffer.writeString(progress.detailJson)
        }
        buffer.writeOutlook(progress.outlook, observedAt: progress.asOf.observedAtUs, parts)
        buffer.writeStaticString("}")
    }

    private static func encode(
        _ table: PBTableProgress,
        _ outlook: PBTableOutlook?,
        _ parts: OutlookParts,
        into buffer: inout ByteBuffer
    ) {
        buffer.writeJSON(table.name)
        buffer.writeStaticString(#":{"current_block":"#)
        buffer.writeJSON(table.hasCurrentBlock ? table.currentBlock : nil)
        buffer.writeStaticString(#","start_block":"#)
        buffer.writeJSON(table.hasStartBlock ? table.startBlock : nil)
        buffer.writeStaticString(#","files_count":"#)
        buffer.writeJSON(table.filesCount)
        buffer.writeStaticString(#","total_size_bytes":"#)
        buffer.writeJSON(table.totalSizeBytes)
        if let outlook { buffer.writeOutlook(outlook, parts) }
        buffer.writeStaticString("}")
    }
}
