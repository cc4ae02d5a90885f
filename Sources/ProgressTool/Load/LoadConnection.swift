/// One connection of a load run.
protocol LoadConnection: Sendable {
    /// Connects and makes sure that there are answers; not measured.
    func prepare() async throws(ToolError)

    /// Calls until the budget is used up.
    func run(_ budget: LoadBudget) async -> LoadTally

    /// Ends the connection.
    func close() async
}
