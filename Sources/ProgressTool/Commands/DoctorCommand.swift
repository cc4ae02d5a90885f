import ArgumentParser

/// `doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks whether a server or a gateway can be asked, and how it is.",
        discussion: """
            Prints a line for each check, which begins with ok, warn or fail. A server asked by its \
            socket names the rows of file_metadata that cannot be decoded, of \
            \(JobSample.limit) jobs, those that are active and the newest; a gateway names their jobs and tables. Exit status 0 if \
            nothing fails, else 1; 5 if nobody answers.
            """
    )

    /// How the findings are printed.
    enum ReportForm: String, CaseIterable, ExpressibleByArgument {
        /// A line each.
        case table
        case json
    }

    private struct Document: Encodable {
        var checks: [Finding]
    }

    @OptionGroup var target: TargetOptions

    @Option(name: .shortAndLong, help: "How to print (default: table).")
    var output: ReportForm?

    @Flag(help: "The same as '--output json'.")
    var json = false

    func validate() throws {
        if self.json, let output = self.output, output != .json {
            throw ValidationError("'--json' and '--output \(output.rawValue)' exclude each other")
        }
    }

    func run() async throws {
        self.target.credentials.noteIfSeen()
        let diagnosis =
            switch try self.target.target() {
            case .gateway(let gateway): await GatewayExamination.diagnosis(gateway)
            case .server(let socket):
                try await ServerExamination.diagnosis(
                    socket: socket,
                    timeout: self.target.timeout
                )
            }
        if self.json || self.output == .json {
            Console.current.write(try jsonText(Document(checks: diagnosis.findings)))
        } else {
            for finding in diagnosis.findings { Console.current.write(finding.line) }
        }
        if diagnosis.status != .success { throw diagnosis.status }
    }
}
