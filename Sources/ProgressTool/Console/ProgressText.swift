/// The progress of a job as `job progress` prints it for a person.
///
///     Job ID: 42
///     Status: RUNNING
///
///     Tables:
///       blocks:
///         Block range: 0 - 21500000
///         Files: 1247
///         Size: 128.5 GB
func progressText(_ progress: JobProgress) -> String {
    var lines = ["Job ID: \(progress.jobID)", "Status: \(printable(progress.status))"]
    lines += outlookLines(progress.outlook)
    if let failure = progress.failure {
        lines += failureLines(failure)
    }
    lines.append("")
    if progress.tables.isEmpty {
        lines.append("No tables written yet.")
    } else {
        lines.append("Tables:")
        for table in progress.tables.sorted(by: { $0.name < $1.name }) {
            lines += tableLines(table)
        }
    }
    return lines.joined(separator: "\n")
}

private func tableLines(_ table: JobProgress.Table) -> [String] {
    let range =
        if let start = table.startBlock, let current = table.currentBlock {
            "\(start) - \(current)"
        } else {
            "(no data)"
        }
    let networks = networkLines(table.outlook)
    let numbers = [
        "Block range: \(range)",
        "Files: \(table.fileCount)",
        "Size: \(byteCountText(table.totalByteCount))",
    ]
    let lines = (networks.isEmpty ? numbers : networks) + outlookLines(table.outlook)
    return ["  \(printable(table.name)):"] + lines.map { "    \($0)" }
}

private func failureLines(_ failure: JobProgress.Failure) -> [String] {
    var lines = ["", "✖ \(printable(failure.message))"]
    let facts = failure.facts.map { (label($0.name), printable($0.value)) }
    let width = facts.map(\.0.count).max() ?? 0
    for (name, value) in facts {
        lines.append("  \(name): \(String(repeating: " ", count: width - name.count))\(value)")
    }
    if !failure.stackTrace.isEmpty {
        lines.append("  Stack Trace:")
        lines += failure.stackTrace.map { "    • \(printable($0))" }
    }
    return lines
}

/// `block_range_start` as `Block Range Start`.
private func label(_ key: String) -> String {
    key.split(separator: "_")
        .map { printable(String($0.prefix(1)).uppercased() + $0.dropFirst()) }
        .joined(separator: " ")
}
