import ProgressRPC

/// What the statistics of a server say; counters that it does not have are not named.
func statsFindings(_ stats: PBStatsResponse) -> [Finding] {
    let load = "\(stats.connections) connections, \(stats.callsInFlight) calls in flight"
    var findings = [Finding(.ok, "load", "\(load), up \(stats.uptimeMs / 1_000) s")]
    guard let bytes = stats.cache["bytes"], let budget = stats.cache["budget_bytes"] else {
        return findings
    }
    let directReads = stats.cache["direct_reads"] ?? 0
    var parts = ["\(sizeText(bytes)) of \(sizeText(budget))"]
    if let evictions = stats.cache["evictions"] { parts.append("\(evictions) evictions") }
    parts.append("\(directReads) answers read past it")
    findings.append(
        Finding(
            directReads > 0 ? .warn : .ok,
            "cache",
            parts.joined(separator: ", "),
            remedy: directReads > 0
                ? "give the server more --cache-bytes: a table is larger than what it may keep"
                : nil
        )
    )
    return findings
}

private func sizeText(_ byteCount: UInt64) -> String {
    byteCountText(Int64(clamping: byteCount))
}
