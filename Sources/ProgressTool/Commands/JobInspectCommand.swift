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

    @OptionGroup var reading: ReadingOptions

    @Flag(help: "Print the answer of the API, byte for byte.")
    var json = false

    func run() async throws {
        if try self.reading.printsCurl(GatewayPath.job(self.id)) { return }
        let job = try await self.reading.whom.read { try await $0.job(self.id) }
        if self.json {
            Console.current.write(json: job.json)
        } else {
            Console.current.write(jobText(job))
        }
    }
}
