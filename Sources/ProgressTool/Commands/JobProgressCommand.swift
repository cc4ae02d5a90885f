import ArgumentParser
import FoundationEssentials
import NIOCore
import ProgressJSON
import ProgressRPC

/// `job progress`.
struct JobProgressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress",
        abstract: "Shows how far jobs are: for each table its blocks, files and bytes.",
        discussion: """
            Several jobs are read at one moment. Of those that cannot be read it says why, and ends \
            with the exit status of the first.
            """
    )

    @Argument(help: "The numbers of the jobs, up to 1024, each once.", transform: jobNumber)
    var ids: [Int64]

    @OptionGroup var output: OutputOptions

    @OptionGroup var reading: ReadingOptions

    @Option(
        help: """
            Wait so long for a change, 1s to 60s, and show the job as it is then; only with one job.
            """,
        transform: timeSpan(in: ReadingTerms.waitRange)
    )
    var wait: Duration?

    @Option(
        help: "Take an answer that is up to so much older, at most 1h (default: 0s).",
        transform: timeSpan(in: ReadingTerms.stalenessRange)
    )
    var maxStaleness = Duration.zero

    @Option(
        help: """
            Tell more of one job: estimates (percent, rate, time to go), ranges (what is missing), or \
            both with a comma between them.
            """,
        completion: .list(OutlookParts.words.map(\.word)),
        transform: outlookParts
    )
    var include: OutlookParts = []

    func validate() throws {
        guard 1...Limits.batchJobs ~= self.ids.count else {
            throw ValidationError(
                "\(self.ids.count) jobs are named; 1 to \(Limits.batchJobs) can be read at once"
            )
        }
        guard Set(self.ids).count == self.ids.count else {
            throw ValidationError("a job is named twice; name each once")
        }
        if self.wait != nil, self.ids.count > 1 {
            throw ValidationError("'--wait' goes only with one job")
        }
        if !self.include.isEmpty,
            self.ids.count > 1 || self.wait != nil || self.maxStaleness > .zero
        {
            throw ValidationError(
                "'--include' goes with one job, without '--wait' and '--max-staleness'"
            )
        }
        if self.wait != nil, self.reading.curl {
            throw ValidationError("'--wait' takes two requests; it does not go with '--curl'")
        }
        if self.wait != nil, self.maxStaleness > .zero {
            throw ValidationError("'--wait' and '--max-staleness' exclude each other")
        }
    }

    func run() async throws {
        let terms = ReadingTerms(maxStaleness: self.maxStaleness, wait: self.wait)
        let path =
            if self.ids.count > 1 {
                GatewayPath.jobProgressBatch(self.ids, staleness: terms)
            } else if self.include.isEmpty {
                GatewayPath.jobProgress(self.ids[0], staleness: terms)
            } else {
                GatewayPath.jobProgress(self.ids[0], including: self.include)
            }
        if try self.reading.printsCurl(path) { return }
        self.reading.whom.credentials.noteIfSeen()
        let body = try await self.answer(terms)
        if self.ids.count > 1 {
            try self.write(batch: body)
        } else {
            try Console.current.write(body, as: self.output.form) {
                progressText(try Self.progress(in: body))
            }
        }
    }

    /// Prints the jobs that have an answer.
    ///
    /// - Throws: Why the first of the others has none; notes say it of the rest.
    private func write(batch body: [UInt8]) throws {
        let form = self.output.form
        if form == .json { Console.current.write(json: body) }
        let batch = try JobBatchDocument(body)
        if form == .ndjson {
            Console.current.write(lines: jsonMember("jobs", of: body[...]).map(jsonPieces) ?? [])
        }
        if form.isForPeople, !batch.jobs.isEmpty {
            let texts = batch.jobs.map { progressText($0.progress) }
            Console.current.write(texts.joined(separator: "\n\n"))
        }
        for failure in batch.failures.dropFirst() {
            Console.current.note("progressctl: \(printable(failure.error.message))")
        }
        if let failure = batch.failures.first { throw failure.error }
    }

    /// The bytes of the API's answer: both ways end in the same, so that what a person reads is what
    /// the API says.
    private func answer(_ terms: ReadingTerms) async throws -> [UInt8] {
        let (ids, parts) = (self.ids, self.include)
        switch try self.reading.whom.target() {
        case .gateway(let gateway):
            if !parts.isEmpty {
                return try await gateway.body(of: GatewayPath.jobProgress(ids[0], including: parts))
            }
            return ids.count > 1
                ? try await gateway.jobProgressBatch(ids, terms)
                : try await gateway.jobProgress(ids[0], terms)
        case .server(let socket):
            return try await withServer(socket, timeout: self.reading.whom.timeout) { server in
                if !parts.isEmpty {
                    return try await server.jobProgress(ids[0], including: parts)
                }
                return ids.count > 1
                    ? try await server.jobProgressBatch(ids, terms)
                    : try await server.jobProgress(ids[0], terms)
            }
        }
    }

    static func progress(in body: [UInt8]) throws(ToolError) -> JobProgress {
        do {
            return try JSONDecoder().decode(JobProgressDocument.self, from: Data(body)).progress
        } catch {
            throw ToolError(.failure, "the answer is not a job's progress")
        }
    }
}

/// The words of `--include`.
private func outlookParts(_ text: String) throws -> OutlookParts {
    var parts: OutlookParts = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard let known = OutlookParts.words.first(where: { $0.word == word }) else {
            let words = OutlookParts.words.map(\.word).joined(separator: " and ")
            throw ValidationError("'\(word)' cannot be included; there are \(words)")
        }
        parts.insert(known.part)
    }
    return parts
}
