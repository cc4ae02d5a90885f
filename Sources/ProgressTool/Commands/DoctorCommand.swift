import ArgumentParser

/// `doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks whether a server or a gateway can be asked, and how it is.",
        discussion: """
            Prints a line for each check, which begins with ok, warn or fail. Exit status 0 if \
            nothing fails, else 1; 5 if nobody answers.
            """
    )

    private struct Document: Encodable {
        var checks: [Finding]
    }

    @OptionGroup var target: TargetOptions

    @Flag(help: "Print the findings as JSON.")
    var json = false

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
        if self.json {
            Console.current.write(try jsonText(Document(checks: diagnosis.findings)))
        } else {
            for finding in diagnosis.findings { Console.current.write(finding.line) }
        }
        if diagnosis.status != .success { throw diagnosis.status }
    }
}
