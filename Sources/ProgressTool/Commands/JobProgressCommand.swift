import ArgumentParser
import FoundationEssentials
import NIOCore
import ProgressJSON
import ProgressRPC

/// `job progress`.
struct JobProgressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress",
        abstract: "Shows how far a job is: for each table its blocks, files and bytes."
    )

    @Argument(help: "The number of the job.", transform: jobNumber)
    var id: Int64

    @OptionGroup var target: TargetOptions

    @Flag(help: "Print the answer of the API, byte for byte.")
    var json = false

    func run() async throws {
        if self.target.credentials.authToken != nil {
            Console.current.note(
                "note: 'ps' shows --auth-token to everyone here; AMP_AUTH_TOKEN and --token-file hide it"
            )
        }
        let body: [UInt8]
        switch try self.target.target() {
        case .gateway(let gateway):
            body = try await gateway.jobProgress(self.id)
        case .server(let socket):
            body = try await withServer(socket, timeout: self.target.timeout) { server in
                guard let answer = try await server.jobProgress(self.id) else {
                    throw ToolError(.failure, "the server answers that nothing known has changed")
                }
                return Array(ProgressJSON.encode(answer).readableBytesView)
            }
        }
        if self.json {
            Console.current.write(bytes: body + [UInt8(ascii: "\n")])
        } else {
            Console.current.write(progressText(try Self.progress(in: body)))
        }
    }

    /// Both ways end in the same bytes, so that what a person reads is what the API says.
    static func progress(in body: [UInt8]) throws(ToolError) -> JobProgress {
        do {
            return try JSONDecoder().decode(JobProgressDocument.self, from: Data(body)).progress
        } catch {
            throw ToolError(.failure, "the answer is not a job's progress")
        }
    }
}
