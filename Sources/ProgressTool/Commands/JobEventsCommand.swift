import ArgumentParser

/// `job events`.
struct JobEventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Shows what happened to a job, the oldest first, or one event with its detail.",
        discussion: "Times in tables are in UTC."
    )

    @Argument(help: "The number of the job.", transform: jobNumber)
    var id: Int64

    @Option(
        name: .customLong("event-id"),
        help: "Show this event, with its detail.",
        transform: wholeNumber(in: 1...Int64.max)
    )
    var eventID: Int64?

    @Option(
        name: .shortAndLong,
        help: "Most events of the page, 1 to 10000 (default: 10000).",
        transform: wholeNumber(in: PageTerms.eventRange)
    )
    var limit: Int?

    @Option(
        name: .shortAndLong,
        help: "The last event of the page before: events with higher numbers follow.",
        transform: wholeNumber(in: 1...Int64.max)
    )
    var after: Int64?

    @OptionGroup var output: OutputOptions

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        if self.eventID != nil, self.limit != nil || self.after != nil {
            throw ValidationError("'--event-id' goes neither with '--limit' nor with '--after'")
        }
    }

    func run() async throws {
        if let eventID = self.eventID {
            try await self.showEvent(eventID)
        } else {
            try await self.showEvents()
        }
    }

    private func showEvent(_ eventID: Int64) async throws {
        if try self.reading.printsCurl(GatewayPath.event(eventID, of: self.id)) { return }
        let event = try await self.reading.whom.read { try await $0.event(eventID, of: self.id) }
        Console.current.write(event.json, as: self.output.form) { eventText(event) }
    }

    private func showEvents() async throws {
        let terms = PageTerms(limit: self.limit, after: self.after)
        if try self.reading.printsCurl(GatewayPath.events(of: self.id, terms)) { return }
        let page = try await self.reading.whom.read { try await $0.events(of: self.id, terms) }
        await Console.current.write(
            page: page.json,
            page.eventTexts,
            named: "events",
            cursor: page.nextCursor,
            as: self.output.form
        ) { eventTable(page.events) }
    }
}
