import UnixSignals

/// Runs a stack until a signal comes or one of its programs ends, then takes it down.
struct DemoApplication: Sendable {
    /// What ends the demo, or fails to begin it.
    private enum Happening: Sendable {
        case signal
        case ended(DemoProcess)
        case started
        case failed(any Error)
    }

    let stack: DemoStack
    let console: Console

    /// - Throws: ``ToolError`` if the demo did not start, or if one of its programs ended by itself.
    func run() async throws {
        // Before anything starts: from here on Ctrl-C means to end in order.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        let (happenings, happen) = AsyncStream.makeStream(of: Happening.self)
        let outcome: Result<Void, any Error> = await withTaskGroup { group in
            group.addTask {
                for await _ in signals { happen.yield(.signal) }
            }
            group.addTask {
                do {
                    try await self.stack.start { happen.yield(.ended($0)) }
                    happen.yield(.started)
                } catch {
                    happen.yield(.failed(error))
                }
            }
            defer { group.cancelAll() }
            for await happening in happenings {
                switch happening {
                case .started: self.stack.announce()
                case .signal: return .success(())
                case .failed(let error): return .failure(self.explained(error))
                case .ended(let process):
                    return .failure(
                        self.explained(ProgramFailure(process: process, patience: nil))
                    )
                }
            }
            return .success(())
        }
        self.console.note("\nstopping…")
        await self.stack.stop()
        self.console.note("stopped; the data stays in \(self.stack.directory.path)")
        try outcome.get()
    }

    /// Shows the last words of the program that failed, if it was one.
    private func explained(_ error: any Error) -> any Error {
        guard let failure = error as? ProgramFailure else { return error }
        for line in failure.process.lastLogLines(8) {
            self.console.note("  \(failure.process.name): \(line)")
        }
        return failure.explanation
    }
}
