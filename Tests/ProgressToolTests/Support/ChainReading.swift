import ProgressChain
import ProgressPostgres

@testable import ProgressTool

/// What the server's own rules say about files.
func summary(of files: [SimulatedFile]) throws -> TableSummary {
    let names = NetworkNames()
    return try TableSummary(
        of: files.enumerated().map { index, file in
            let metadata = Array(file.metadata.utf8)
            return try Segment(
                id: FileID(rawValue: file.id ?? Int64(index)),
                objectSize: file.byteCount,
                metadata: metadata.span,
                names: names
            )
        }
    )
}

/// What they say about the files of a revision in a database.
func summary(ofRevision revision: Int64, in session: PostgresSession) throws -> TableSummary {
    let names = NetworkNames()
    var rows: [(Int64, Int64?, String)] = []
    try session.query(
        "SELECT id, object_size, metadata::text FROM public.file_metadata WHERE location_id = $1",
        [.int64(revision)]
    ) { row throws(PostgresError) in
        rows.append((try row.int64(0), try row.int64IfPresent(1), try row.string(2)))
    }
    return try TableSummary(
        of: rows.map { id, size, text in
            let metadata = Array(text.utf8)
            return try Segment(
                id: FileID(rawValue: id),
                objectSize: size,
                metadata: metadata.span,
                names: names
            )
        }
    )
}
