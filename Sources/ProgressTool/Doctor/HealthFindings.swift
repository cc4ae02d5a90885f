import ProgressRPC

/// How old the last replayed transaction of a standby may be before somebody should look, in
/// milliseconds.
private let harmlessReplayLag: UInt32 = 10_000

/// What a server says about its database.
func healthFindings(_ health: PBHealthResponse) -> [Finding] {
    let database = health.database.isEmpty ? "unknown" : health.database
    var findings: [Finding] = []
    switch health.status {
    case .serving:
        let era = health.schemaEra.isEmpty ? "era not known yet" : "era \(health.schemaEra)"
        findings.append(Finding(.ok, "database", "\(database), \(era)"))
    case .draining:
        findings.append(
            Finding(
                .warn,
                "database",
                "the server is stopping",
                remedy: "ask again when it has started anew"
            )
        )
    default:
        findings.append(
            Finding(
                .fail,
                "database",
                "the server cannot serve it: \(database)",
                remedy: health.database == "unsupported"
                    ? "'progress-server schema status --database …' says what was found"
                    : "is PostgreSQL running, and does the server's --database name it?"
            )
        )
    }
    switch health.currency {
    case "": break
    case "log":
        findings.append(Finding(.ok, "tracking", "log, kept in schema progress"))
    case "scan":
        findings.append(
            Finding(
                .ok,
                "tracking",
                "scan, without a log in the database",
                remedy: ["F", "G"].contains(health.schemaEra)
                    ? "'progress-server tracking install' makes looks at large jobs cheaper" : nil
            )
        )
    default: findings.append(Finding(.ok, "tracking", health.currency))
    }
    if health.standby {
        let isLate = health.replayLagMs > harmlessReplayLag
        findings.append(
            Finding(
                isLate ? .warn : .ok,
                "standby",
                "the database is a standby, \(health.replayLagMs) ms behind",
                remedy: isLate ? "look at pg_stat_wal_receiver there" : nil
            )
        )
    }
    return findings
}
