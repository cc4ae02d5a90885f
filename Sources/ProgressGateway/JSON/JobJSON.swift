package import NIOCore
package import ProgressRPC

/// The bodies of `GET /jobs/{id}` and of the lists of jobs, fields in Amp's order.
package enum JobJSON {
    /// The answer about one job.
    package static func encode(_ job: PBJob) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(Self.byteCount(job))
        Self.encode(job, into: &buffer)
        return buffer
    }

    /// A page of jobs: `{"jobs":[…],"next_cursor":N}`.
    ///
    /// - Parameter nextCursor: Where the next page begins; `nil`: there is none, and no such member.
    package static func encode(_ jobs: [PBJob], nextCursor: Int64?) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(jobs.reduce(64) { $0 + Self.byteCount($1) })
        buffer.writeStaticString(#"{"jobs":["#)
        for (index, job) in jobs.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            Self.encode(job, into: &buffer)
        }
        buffer.writeStaticString("]")
        buffer.writeNextCursor(nextCursor)
        buffer.writeStaticString("}")
        return buffer
    }

    /// About how many bytes the job has.
    private static func byteCount(_ job: PBJob) -> Int {
        192 + job.nodeID.utf8.count + job.descriptorJson.utf8.count
    }

    private static func encode(_ job: PBJob, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"id":"#)
        buffer.writeJSON(job.id)
        buffer.writeStaticString(#","created_at":"#)
        buffer.writeJSON(microseconds: job.createdAtUs)
        buffer.writeStaticString(#","updated_at":"#)
        buffer.writeJSON(microseconds: job.updatedAtUs)
        buffer.writeStaticString(#","node_id":"#)
        buffer.writeJSON(job.nodeID)
        buffer.writeStaticString(#","status":"#)
        buffer.writeJSON(job.status)
        buffer.writeStaticString(#","descriptor":"#)
        // JSON already, and passed on as it is.
        buffer.writeString(job.hasDescriptorJson ? job.descriptorJson : "null")
        buffer.writeStaticString("}")
    }
}

extension ByteBuffer {
    /// Writes the last member of a page, after another one, if there is a next page.
    mutating func writeNextCursor(_ cursor: Int64?) {
        guard let cursor else { return }
        self.writeStaticString(#","next_cursor":"#)
        self.writeJSON(cursor)
    }
}
