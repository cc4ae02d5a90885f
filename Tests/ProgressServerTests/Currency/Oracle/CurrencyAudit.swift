/// Holds the answers of a run against the history of the database.
struct CurrencyAudit {
    /// How many of a job's transactions are taken back in the search for a stale answer's moment.
    static let staleDepth = 256

    private struct Version: Hashable {
        var job: Int64
        var bytes: [UInt8]
    }

    private let timeline: CommitTimeline
    private let transactions: [UInt64]
    private var truth: Truth
    private var report: CurrencyReport
    private var answers: [Version: JobAnswer] = [:]
    private var versions: [JobAnswer: [UInt8]] = [:]

    private init(_ history: History, _ ledger: CommitLedger, seed: UInt64) {
        self.timeline = CommitTimeline(ledger)
        self.transactions = history.transactions.sorted(by: >)
        self.truth = Truth(history)
        self.report = CurrencyReport(seed: seed)
    }

    /// - Parameter records: Of all connections, in any order.
    /// - Throws: If the history itself cannot be read.
    static func report(
        on records: [AnswerRecord],
        history: History,
        ledger: CommitLedger,
        seed: UInt64
    ) throws -> CurrencyReport {
        var audit = Self(history, ledger, seed: seed)
        let snapshots = audit.snapshots(of: records)
        audit.checkOrder(of: records, snapshots)
        for (record, snapshot) in zip(records, snapshots) { try audit.check(record, snapshot) }
        audit.report.answerCount = records.count
        audit.report.distinctSnapshotCount = Set(snapshots.compactMap(\.self)).count
        audit.report.distinctAnswerCount = audit.versions.count
        return audit.report
    }

    private mutating func snapshots(of records: [AnswerRecord]) -> [ReadSnapshot?] {
        records.map { record in
            guard case .progress(_, _, let text) = record.outcome else { return nil }
            let snapshot = ReadSnapshot(text)
            if snapshot == nil { self.report.add(.unreadable, "'\(text)'") }
            return snapshot
        }
    }

    /// No answer is of an earlier moment than one that was received before its request was sent.
    private mutating func checkOrder(of records: [AnswerRecord], _ snapshots: [ReadSnapshot?]) {
        let marks = records.indices.flatMap { index in
            [(records[index].sent, index, true), (records[index].received, index, false)]
        }
        var newest: ReadSnapshot?
        var floors: [Int: ReadSnapshot] = [:]
        for (_, index, isSent) in marks.sorted(by: { $0.0.ticket < $1.0.ticket }) {
            guard let snapshot = snapshots[index] else { continue }
            if isSent {
                floors[index] = newest
                continue
            }
            if let floor = floors.removeValue(forKey: index), !snapshot.isAtOrAfter(floor) {
                self.report.add(
                    .backwards,
                    "connection \(records[index].connection) got \(snapshot) after \(floor)"
                )
            }
            if newest.map(snapshot.isAtOrAfter) ?? true { newest = snapshot }
        }
    }

    private mutating func check(_ record: AnswerRecord, _ snapshot: ReadSnapshot?) throws {
        switch record.outcome {
        case .progress(let answer, let version, _):
            self.check(version, of: answer)
            guard let snapshot else { return }
            try self.check(answer, at: snapshot, record)
        case .notModified(let held):
            self.report.notModifiedCount += 1
            try self.check(held, atSomeMomentOf: record)
        case .notFound:
            self.report.notFoundCount += 1
            try self.check(nil, atSomeMomentOf: record)
        case .failed(let message):
            self.report.add(.failed, message)
        }
    }

    private mutating func check(_ version: [UInt8], of answer: JobAnswer) {
        let known = self.answers.updateValue(
            answer,
            forKey: Version(job: answer.job, bytes: version)
        )
        if let known, known != answer {
            self.report.add(.version, "\(version) is of \(known) and of \(answer)")
        } else if let other = self.versions.updateValue(version, forKey: answer), other != version {
            self.report.add(.version, "\(answer) has \(other) and \(version)")
        }
    }

    private mutating func check(
        _ answer: JobAnswer,
        at snapshot: ReadSnapshot,
        _ record: AnswerRecord
    ) throws {
        if let xid = self.timeline.missing(in: snapshot, since: record.sent) {
            self.report.add(
                .missedCommit,
                "\(xid) was acknowledged before job \(record.job) was asked for at \(snapshot)"
            )
        }
        let expected = try self.truth.answer(of: record.job, at: snapshot)
        guard expected != answer else { return }
        let isStale = try self.wasRight(answer, of: record.job, before: snapshot)
        self.report.add(
            isStale ? .stale : .torn,
            "connection \(record.connection) at \(snapshot): found \(answer); "
                + "expected \(expected.map(\.description) ?? "no job")"
        )
    }

    private mutating func wasRight(
        _ answer: JobAnswer,
        of job: Int64,
        before snapshot: ReadSnapshot
    ) throws -> Bool {
        let history = self.truth.history
        let earlier = self.transactions.lazy
            .filter { snapshot.sees($0) && history.concerns($0, job: job) }
            .prefix(Self.staleDepth)
        for xid in earlier {
            let past = ReadSnapshot(xmax: xid, running: snapshot.running.filter { $0 < xid })
            if try self.truth.answer(of: job, at: past) == answer { return true }
        }
        return false
    }

    private mutating func check(_ answer: JobAnswer?, atSomeMomentOf record: AnswerRecord) throws {
        let history = self.truth.history
        guard
            let moments = self.timeline.moments(
                from: record.sent,
                to: record.received,
                concernsJob: { history.concerns($0, job: record.job) }
            )
        else {
            self.report.uncheckedCount += 1
            return
        }
        for moment in moments
        where try self.truth.answer(of: record.job, at: moment) == answer { return }
        self.report.add(
            .noMoment,
            "job \(record.job) was told to be \(answer.map { "still \($0)" } ?? "absent")"
        )
    }
}
