import ProgressChain
import ProgressPostgres

/// Gathers the rows of a revision as they arrive.
struct RevisionLoader {
    private let names: NetworkNames
    private var builder = MendedChain.Builder()
    private var undecodable: [FileRow] = []

    init(names: NetworkNames) { self.names = names }

    /// - Returns: The bytes that the file takes, about.
    mutating func append(_ row: borrowing Row) throws(PostgresError) -> Int {
        let file = try row.file(names: self.names)
        switch file.segment {
        case .success(let segment): self.builder.append(segment, version: file.version)
        case .failure: self.undecodable.append(file)
        }
        return RevisionFiles.approximateFileByteCount
    }

    mutating func finish() -> RevisionFiles {
        var files = RevisionFiles(chain: self.builder.finish())
        for row in self.undecodable { files.insert(row) }
        self.undecodable = []
        return files
    }
}
