import ArgumentParser

/// `dataset jobs`.
struct DatasetJobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract:
            "Lists the jobs that were scheduled for a revision of a dataset, the oldest first.",
        discussion: "Times in tables are in UTC. If there are more jobs, a note says how to go on."
    )

    @Argument(
        help: """
            NAMESPACE/NAME@REVISION, where a revision is 'latest', 'dev', a version, or the hash of \
            a manifest.
            """,
        transform: DatasetReference.init(parsing:)
    )
    var dataset: DatasetReference

    @Option(
        name: .shortAndLong,
        help: "Most jobs of the page, 1 to 1000 (default: 1000).",
        transform: wholeNumber(in: PageTerms.jobRange)
    )
    var limit: Int?

    @Option(
        name: .shortAndLong,
        help: "The last job of the page before: jobs with higher numbers follow.",
        transform: jobNumber
    )
    var after: Int64?

    @OptionGroup var output: OutputOptions

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let terms = PageTerms(limit: self.limit, after: self.after)
        if try self.reading.printsCurl(GatewayPath.jobs(of: self.dataset, terms)) { return }
        try await self.reading.whom.read { reader in
            let page = try await reader.jobs(of: self.dataset, terms)
            let form = self.output.form
            await Console.current.write(page: page, as: form) {
                let tables = await Self.tables(of: page.jobs, reader)
                return datasetJobTable(page.jobs, tables: tables, isWide: form == .wide)
            }
        }
    }

    /// The list is worth showing even if the tables cannot be read: then a note says why they are
    /// missing.
    private static func tables(
        of jobs: [JobInfo],
        _ reader: any JobReader
    ) async -> [Int64: [String]] {
        do {
            let tables = try await reader.tables(of: jobs)
            let others = jobs.map(\.id).filter { tables[$0] == nil }
            if let first = others.first {
                Console.current.note(
                    "jobs whose tables are not known: \(others.count); 'progressctl job progress "
                        + "\(first)' says why"
                )
            }
            return tables
        } catch {
            Console.current.note("the tables are not known: \(printable(error.message))")
            return [:]
        }
    }
}
