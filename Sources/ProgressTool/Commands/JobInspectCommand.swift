import ArgumentParser

/// `job inspect`.
struct JobInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows what a job is: its status, worker, times, dataset and descriptor.",
        discussion: "Its tables are shown too if a server is asked directly.",
        aliases: ["get"]
    )

    @Argument(help: "The number of the job.", transform: jobNumber)
    var id: Int64

    @OptionGroup var output: OutputOptions

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        if try self.reading.printsCurl(GatewayPath.job(self.id)) { return }
        let form = self.output.form
        let job = try await self.reading.whom.read { reader in
            var job = try await reader.job(self.id)
            // A gateway's body has none, and the job is worth showing without them.
            if form.isForPeople, job.tables == nil {
                job.tables = try? await reader.tables(of: [job])[job.id]
            }
            return job
        }
        Console.current.write(job.json, as: form) { jobText(job) }
    }
}
