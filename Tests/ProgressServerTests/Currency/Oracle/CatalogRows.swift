/// Jobs, statuses, events, tables and revisions as of one moment, and what Amp reads from them.
struct CatalogRows {
    /// A table whose active revision a job writes.
    struct ActiveTable {
        var namespace: String
        var datasetName: String
        var name: String
        var manifestHash: String
        var revision: Int64
    }

    private struct Event {
        var id: Int64
        var type: String
        var detail: String?
    }

    /// A number without a row in `jobs_status` is no job, as in Amp.
    private var jobs: Set<Int64> = []
    private var statuses: [Int64: String] = [:]
    /// By job, newest first.
    private var events: [Int64: [Event]] = [:]
    private var writers: [Int64: Int64] = [:]
    private var activeTables: [ActiveTable] = []

    init(_ rows: [RecordedRow]) throws(UnreadableRow) {
        for row in rows {
            switch row.source {
            case .jobs:
                self.jobs.insert(row.key)
            case .statuses:
                self.statuses[row.key] = try row.word(0)
            case .events:
                guard let job = row.owner else { throw UnreadableRow(row: row) }
                self.events[job, default: []].append(
                    Event(id: row.key, type: try row.word(0), detail: row.words[1])
                )
            case .revisions:
                self.writers[row.key] = row.owner
            case .tables:
                guard let revision = row.owner else { continue }
                self.activeTables.append(
                    ActiveTable(
                        namespace: try row.word(0),
                        datasetName: try row.word(1),
                        name: try row.word(2),
                        manifestHash: try row.word(3),
                        revision: revision
                    )
                )
            case .files:
                throw UnreadableRow(row: row)
            }
        }
        for job in self.events.keys { self.events[job]?.sort { $0.id > $1.id } }
    }

    /// In upper case; `nil` if there is no such job.
    func status(of job: Int64) -> String? {
        self.jobs.contains(job) ? self.statuses[job]?.uppercased() : nil
    }

    /// Why a job failed: the detail of the newest event of its status.
    func detail(of job: Int64) -> String? {
        guard let status = self.status(of: job), ["ERROR", "FATAL"].contains(status) else {
            return nil
        }
        let detail = self.events[job]?.first { $0.type == status }?.detail
        return detail?.replacing(", ", with: ",").replacing(": ", with: ":")
    }

    /// The tables of a job, by name, one of each.
    func tables(of job: Int64) -> [ActiveTable] {
        let scheduled = self.events[job]?.first { $0.type == "SCHEDULED" && $0.detail != nil }
        func rank(_ table: ActiveTable) -> [String] {
            // Small details, written by the check itself: to search the text is to read it.
            let text = scheduled?.detail ?? ""
            let isOwn =
                text.contains(#""dataset_namespace": "\#(table.namespace)""#)
                && text.contains(#""dataset_name": "\#(table.datasetName)""#)
            let revision = String(table.revision)
            return [
                isOwn ? "1" : "0", table.namespace, table.datasetName, table.manifestHash,
                String(repeating: "0", count: 20 - revision.count) + revision,
            ]
        }
        let candidates = self.activeTables.filter { self.writers[$0.revision] == job }
        let byName = Dictionary(grouping: candidates, by: \.name)
        return byName.keys.sorted().compactMap { name in
            byName[name]?.max { rank($0).lexicographicallyPrecedes(rank($1)) }
        }
    }
}

extension RecordedRow {
    /// A word that must be there.
    fileprivate func word(_ index: Int) throws(UnreadableRow) -> String {
        guard self.words.indices.contains(index), let word = self.words[index] else {
            throw UnreadableRow(row: self)
        }
        return word
    }
}
