import ProgressRPC

/// A job whose progress cannot be told, mostly as a table of it has files that cannot be decoded.
struct FailedJob: Sendable {
    /// Most jobs whose progress is asked for at once.
    static let batchJobs = 100
    /// Most files that are named in all.
    static let fileLimit = 1_000
    /// What the progress of a job fails with that has such files.
    static let unreadable = "SNAPSHOT_TABLE_ERROR"

    var id: Int64
    /// The error code of its progress.
    var reason: String
    /// What its progress fails with; it names the table.
    var message: String
    /// Its tables with the files that cannot be decoded; empty: they were not told.
    var tables: [PBTableOutlook] = []
    /// How to learn more.
    var remedy: String?

    private var isUnreadable: Bool { self.reason == Self.unreadable || !self.tables.isEmpty }

    /// What is said of those in a sample.
    static func findings(of jobs: [Self], among sample: JobSample) -> [Finding] {
        let seen = sample.text
        var room = Self.fileLimit
        let findings = jobs.flatMap { $0.findings(room: &room) }
        let unreadable = jobs.count(where: \.isUnreadable)
        guard unreadable > 0 else {
            return findings + [Finding(.ok, "files", "\(seen); no file that cannot be decoded")]
        }
        let summary = Finding(
            .fail,
            "files",
            "\(seen); with files that cannot be decoded: \(unreadable)",
            remedy: "such a job has no progress until its rows of file_metadata are put right"
        )
        return findings + [summary]
    }

    /// - Parameter room: How many more files may be named.
    private func findings(room: inout Int) -> [Finding] {
        guard !self.tables.isEmpty else {
            let found = "job \(self.id): \(self.message)"
            return [Finding(self.isUnreadable ? .fail : .warn, "files", found, remedy: self.remedy)]
        }
        var findings: [Finding] = []
        for table in self.tables {
            let place = "job \(self.id), table '\(table.name)'"
            let files = table.unreadable.files.prefix(room)
            room -= files.count
            for file in files {
                var finding = Finding(
                    .fail,
                    "file",
                    "\(place), file \(file.fileID): \(file.reason)"
                )
                finding.row = Finding.Row(jobID: self.id, table: table.name, fileID: file.fileID)
                findings.append(finding)
            }
            let rest = table.unreadable.files.count - files.count + Int(table.unreadable.omitted)
            guard rest > 0 else { continue }
            findings.append(Finding(.fail, "files", "\(place): \(rest) more cannot be decoded"))
        }
        return findings
    }
}
