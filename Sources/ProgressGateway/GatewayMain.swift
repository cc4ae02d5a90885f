import ArgumentParser
import FoundationEssentials
import Glibc
import NIOCore

@main
enum GatewayMain {
    /// Longest wait at the end for whoever reads the log.
    private static let logPatience = Duration.seconds(1)

    static func main() async {
        // The first until the tokens can be read again, the second for good: a log whose reader is
        // gone must not end the service.
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        let log = LogWriter(descriptor: STDERR_FILENO)
        do {
            let options = try Self.options()
            let configuration = try GatewayConfiguration(
                options: options.values,
                environment: ProcessInfo.processInfo.environment
            )
            try await GatewayApplication(
                configuration: configuration,
                lines: LogLines(output: log.write)
            ).run()
            await log.flush(within: Self.logPatience)
        } catch {
            log.write(ByteBuffer(string: "progress-gateway: \(error)\n"))
            await log.flush(within: Self.logPatience)
            exit(error is ConfigurationError ? 2 : EXIT_FAILURE)
        }
    }

    /// Reads the command line; `--help` and `--version` end the process here.
    private static func options() throws(ConfigurationError) -> GatewayOptions {
        do {
            return try GatewayOptions.parse()
        } catch {
            guard GatewayOptions.exitCode(for: error).rawValue != EXIT_SUCCESS else {
                GatewayOptions.exit(withError: error)
            }
            throw ConfigurationError(GatewayOptions.message(for: error))
        }
    }
}
