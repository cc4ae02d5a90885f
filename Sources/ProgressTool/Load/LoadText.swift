/// The report as a person reads it.
func loadText(_ report: LoadReport) -> String {
    let configuration = report.configuration
    var lines = [
        "\(configuration.method) by \(configuration.target), \(tenths(report.elapsedSeconds)) s; "
            + "connections: \(configuration.connections), in flight on each: "
            + "\(configuration.inFlightPerConnection)",
        "",
        "Answers:     \(report.answers.right), \(Int(report.answersPerSecond.rounded())) a second",
    ]
    if let latency = report.latencyMicroseconds {
        lines.append(
            "Latency µs:  p50 \(tenths(latency.p50))  p90 \(tenths(latency.p90))  "
                + "p99 \(tenths(latency.p99))  p99.9 \(tenths(latency.p999))  "
                + "max \(tenths(latency.max))"
        )
    }
    if report.answers.wrong > 0 { lines.append("Wrong:       \(report.answers.wrong)") }
    for (name, count) in report.answers.errors.sorted(by: { $0.key < $1.key }) {
        lines.append("Error:       \(printable(name)) \(count)")
    }
    lines.append(
        "Client:      \(Int((report.client.cpuShare * 100).rounded())) % of "
            + "\(configuration.threads) event loops"
    )
    if report.client.isSaturated {
        lines.append("Client saturated: it, and not the server, may be the limit.")
    }
    return lines.joined(separator: "\n")
}

/// With one decimal.
private func tenths(_ value: Double) -> String {
    "\((value * 10).rounded() / 10)"
}
