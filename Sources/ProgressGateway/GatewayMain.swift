import ArgumentParser
import FoundationEssentials
import Glibc
import NIOCore

@main
enum GatewayMain {
    static func main() async {
        do {
            let options = try Self.options()
            let configuration = try GatewayConfiguration(
                options: options.values,
                environment: ProcessInfo.processInfo.environment
            )
            try await GatewayApplication(
                configuration: configuration,
                lines: LogLines(output: StandardError.write)
            ).run()
        } catch {
            StandardError.write(ByteBuffer(string: "progress-gateway: \(error)\n"))
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
