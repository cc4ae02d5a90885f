import ArgumentParser
import ProgressRPC

/// `job list`.
struct JobListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists jobs, the newest first, a page at a time.",
        discussion: "Times in tables are in UTC. If there are more jobs, a note says how to go on.",
        aliases: ["ls"]
    )

    @Option(
        name: .shortAndLong,
        help: "Most jobs of the page, 1 to 1000 (default: 50).",
        transform: wholeNumber(in: PageTerms.jobRange)
    )
    var limit = 50

    @Option(
        name: .shortAndLong,
        help: "The last job of the page before: jobs with lower numbers follow.",
        transform: jobNumber
    )
    var after: Int64?

    @Option(
        name: .shortAndLong,
        help: "'active', 'all', or statuses with commas between them (default: active).",
        completion: .list(["active", "all"] + JobStatus.listed.map(\.rawValue)),
        transform: statusFilter
    )
    var status = JobStatusFilter.active

    @OptionGroup var output: OutputOptions

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let terms = PageTerms(limit: self.limit, after: self.after)
        if try self.reading.printsCurl(GatewayPath.jobs(self.status, terms)) { return }
        let page = try await self.reading.whom.read { try await $0.jobs(self.status, terms) }
        let form = self.output.form
        await Console.current.write(page: page, as: form) {
            jobTable(page.jobs, isWide: form == .wide)
        }
    }
}

/// Reads the statuses of `--status`.
private func statusFilter(_ text: String) throws -> JobStatusFilter {
    do {
        return try JobStatusFilter(parsing: text)
    } catch {
        throw ArgumentProblem(
            description: "it must be 'active', 'all', or some of "
                + JobStatus.listed.map(\.rawValue).joined(separator: ",")
        )
    }
}
