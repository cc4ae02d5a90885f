/// A program of the demo that ended by itself, or that does not answer.
struct ProgramFailure: Error, Sendable {
    let process: DemoProcess
    /// How long it was given to answer; `nil` if it ended.
    let patience: Duration?

    /// Why the demo ends.
    var explanation: ToolError {
        let state =
            self.patience.map { "does not answer after \(spoken($0))" }
            ?? "ended by itself with status \(self.process.status ?? -1)"
        return ToolError(
            .failure,
            "\(self.process.name) \(state)",
            remedy: "its whole log is \(self.process.logPath)"
        )
    }
}
