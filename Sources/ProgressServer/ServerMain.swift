import ArgumentParser
import FoundationEssentials
import Glibc

@main
enum ServerMain {
    static func main() async {
        do {
            try await ServerCommand(
                arguments: Array(CommandLine.arguments.dropFirst()),
                environment: ProcessInfo.processInfo.environment
            ).run()
        } catch {
            StandardStream.error.write("\(ProgramIdentity.server.name): \(error)\n")
            exit(error is ConfigurationError ? 2 : EXIT_FAILURE)
        }
    }
}
