package import NIOCore
package import ProgressRPC

/// The body of `GET /jobs/{id}/progress`, byte for byte as Amp's clients know it, table names
/// sorted.
package enum ProgressJSON {
    package static func encode(_ progress: PBJobProgress) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(128 + 128 * progress.tables.count + progress.detailJson.utf8.count)
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
            Self.encode(table, into: &buffer)
        }
        buffer.writeStaticString("}")
        if progress.hasDetailJson {
            // JSON already, and passed on as it is.
            buffer.writeStaticString(#","detail":"#)
            buffer.writeString(progress.detailJson)
        }
        buffer.writeStaticString("}")
        return buffer
    }

    private static func encode(_ table: PBTableProgress, into buffer: inout ByteBuffer) {
        buffer.writeJSON(table.name)
        buffer.writeStaticString(#":{"current_block":"#)
        buffer.writeJSON(table.hasCurrentBlock ? table.currentBlock : nil)
        buffer.writeStaticString(#","start_block":"#)
        buffer.writeJSON(table.hasStartBlock ? table.startBlock : nil)
        buffer.writeStaticString(#","files_count":"#)
        buffer.writeJSON(table.filesCount)
        buffer.writeStaticString(#","total_size_bytes":"#)
        buffer.writeJSON(table.totalSizeBytes)
        buffer.writeStaticString("}")
    }
}
