/// What stands where there is nothing.
private let nothing = "-"
/// What stands where there may be something that is not known.
private let unknown = "?"

/// The jobs of a list, a line each.
///
/// - Parameter isWide: With all columns.
func jobTable(_ jobs: [JobInfo], isWide: Bool) -> String {
    jobTable(jobs, "Dataset", isWide: isWide) { $0.dataset ?? nothing }
}

/// The jobs of a dataset, a line each.
///
/// - Parameters:
///   - tables: Those of each job of which they are known.
///   - isWide: With all columns.
func datasetJobTable(
    _ jobs: [JobInfo],
    tables: [Int64: [String]],
    isWide: Bool
) -> String {
    jobTable(jobs, "Tables", isWide: isWide) { job in
        tables[job.id].map { $0.isEmpty ? nothing : $0.joined(separator: ", ") } ?? unknown
    }
}

private func jobTable(
    _ jobs: [JobInfo],
    _ name: String,
    isWide: Bool,
    cell: (JobInfo) -> String
) -> String {
    let more = ["Updated", "Node", "Descriptor"]
    return table(
        header: ["ID", "Status", "Created", name] + (isWide ? more : []),
        rows: jobs.map { job in
            let cells = ["\(job.id)", job.status, timeText(job.createdAt), cell(job)]
            guard isWide else { return cells }
            return cells + [timeText(job.updatedAt), job.nodeID, job.kind ?? nothing]
        }
    )
}

/// The job as `job inspect` prints it for a person; what is not known has no line.
func jobText(_ job: JobInfo) -> String {
    var lines = [
        "Job ID: \(job.id)",
        "Status: \(printable(job.status))",
        "Worker: \(printable(job.nodeID))",
        "Created: \(printable(job.createdAt))",
        "Updated: \(printable(job.updatedAt))",
    ]
    if let dataset = job.dataset { lines.append("Dataset: \(printable(dataset))") }
    if let tables = job.tables, !tables.isEmpty {
        lines.append("Tables: \(printable(tables.joined(separator: ", ")))")
    }
    if let descriptor = job.descriptor {
        lines.append("Descriptor:")
        lines += indentedJSON(descriptor).map { "  " + $0 }
    }
    return lines.joined(separator: "\n")
}

/// What happened to a job, a line each.
func eventTable(_ events: [JobEventPage.Event]) -> String {
    table(
        header: ["ID", "Created", "Type", "Node"],
        rows: events.map { ["\($0.id)", timeText($0.createdAt), $0.type, $0.nodeID] }
    )
}

/// One event as `job events --event-id` prints it for a person.
func eventText(_ event: JobEvent) -> String {
    var lines = [
        "Event ID: \(event.id)",
        "Job ID: \(event.jobID)",
        "Type: \(printable(event.type))",
        "Node: \(printable(event.nodeID))",
        "Created: \(printable(event.createdAt))",
    ]
    if let detail = event.detail {
        lines.append("Detail:")
        lines += indentedJSON(detail).map { "  " + $0 }
    }
    return lines.joined(separator: "\n")
}
