/// Most missing ranges that are shown of a table.
private let shownRanges = 3

/// What more is told of a job as a whole, for a person; what is not known has no line.
func outlookLines(_ outlook: JobProgress.JobOutlook) -> [String] {
    var lines: [String] = []
    if let dataset = outlook.dataset { lines.append("Dataset: \(printable(dataset))") }
    if let percent = outlook.percent { lines.append("Progress: \(percent) %") }
    if let seconds = outlook.etaSeconds { lines.append("Time to go: \(secondsText(seconds))") }
    for (label, time) in [
        ("Last file", outlook.lastFileAt), ("Stalled since", outlook.stalledSince),
        ("Observed", outlook.observedAt),
    ] {
        if let time { lines.append("\(label): \(printable(timeText(time)))") }
    }
    return lines
}

/// What more the files of a table tell, for a person; what is not known has no line.
func outlookLines(_ outlook: JobProgress.Outlook) -> [String] {
    var lines: [String] = []
    if let percent = outlook.percent, let end = outlook.endBlock {
        lines.append("Progress: \(percent) % of the way to block \(end)")
    }
    if let rate = outlook.blocksPerSecond { lines.append("Rate: \(rate) blocks a second") }
    if let seconds = outlook.etaSeconds { lines.append("Time to go: \(secondsText(seconds))") }
    if let time = outlook.lastFileAt { lines.append("Last file: \(printable(timeText(time)))") }
    if let omitted = outlook.missingOmitted {
        lines.append("Missing: \(missingText(outlook.missingRanges, omitted: omitted))")
    }
    if let fork = outlook.fork {
        lines.append("Fork: a reorganisation is under way, blocks \(fork.start) - \(fork.end)")
    }
    return lines
}

/// The ranges of a table of several networks, which has no numbers of its own; else nothing.
func networkLines(_ outlook: JobProgress.Outlook) -> [String] {
    (outlook.networks ?? [:]).sorted { $0.key < $1.key }.map { network, blocks in
        "Block range of \(printable(network)): \(blocks.start) - \(blocks.end)"
    }
}

private func missingText(_ ranges: [[UInt64]]?, omitted: Int) -> String {
    guard let ranges else { return "not known" }
    let shown = ranges.prefix(shownRanges).compactMap { range -> String? in
        guard let first = range.first, let last = range.last else { return nil }
        return first == last ? "\(first)" : "\(first) - \(last)"
    }
    guard !shown.isEmpty else { return "nothing" }
    let more = ranges.count - shown.count + omitted
    return shown.joined(separator: ", ") + (more > 0 ? ", and \(more) more" : "")
}

/// A time span for a person, in its two largest units: `3 d 4 h`, `12 min 5 s`, `30 s`.
func secondsText(_ seconds: UInt64) -> String {
    let units: [(UInt64, String)] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")]
    var rest = seconds
    let parts = units.compactMap { size, unit -> String? in
        let count = rest / size
        rest %= size
        return count > 0 ? "\(count) \(unit)" : nil
    }
    return parts.isEmpty ? "0 s" : parts.prefix(2).joined(separator: " ")
}
