import ArgumentParser

/// From the words on the command line to the exit status.
enum ToolApplication {
    /// The version of all programs of the package.
    static let version = "0.1.0"

    static func run(_ arguments: [String]) async -> CommandStatus {
        if let script = CompletionScript(askedForBy: arguments) {
            Console.current.write(script.text)
            return .success
        }
        var command: any ParsableCommand
        do {
            command = try ProgressCtl.parseAsRoot(arguments)
        } catch {
            return self.report(parsing: error)
        }
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .success
        } catch let error as ToolError {
            Console.current.report(error)
            return error.status
        } catch let status as CommandStatus {
            return status
        } catch {
            // `--help` of a command group, and usage errors that only running can find.
            return self.report(parsing: error)
        }
    }

    /// Prints what ArgumentParser has to say: help that was asked for, or why it does not
    /// understand.
    private static func report(parsing error: any Error) -> CommandStatus {
        guard ProgressCtl.exitCode(for: error) != .success else {
            Console.current.write(ProgressCtl.fullMessage(for: error))
            return .success
        }
        let lines = ProgressCtl.message(for: error).split(separator: "\n")
        let message = lines.isEmpty ? "\(error)" : lines.joined(separator: " ")
        Console.current.report(
            ToolError(
                .usage,
                String(message),
                remedy: "see 'progressctl help'"
            )
        )
        return .usage
    }
}

extension CommandStatus: Error {}
