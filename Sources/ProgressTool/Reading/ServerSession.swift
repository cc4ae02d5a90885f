import FoundationEssentials
import NIOCore
import ProgressJSON
import ProgressRPC

/// One client of a server, for the length of a command.
struct ServerSession: Sendable {
    let client: ProgressClient
    let options: CallOptions

    fileprivate init(client: ProgressClient, timeout: Duration) {
        self.client = client
        self.options = CallOptions(timeout: timeout)
    }

    /// The bytes that a gateway would send about a job.
    func jobProgress(_ id: Int64, _ terms: ReadingTerms) async throws(ToolError) -> [UInt8] {
        do throws(RPCError) {
            var answer = try await self.client.jobProgress(
                id,
                maxStaleness: terms.maxStaleness,
                options: self.options
            )
            if let wait = terms.wait, let known = answer {
                answer =
                    try await self.client.jobProgress(
                        id,
                        knownVersion: Array(known.version),
                        wait: wait,
                        options: self.options
                    ) ?? known
            }
            guard let answer else {
                throw RPCError(.unknown, "the server answers that nothing known has changed")
            }
            return Array(ProgressJSON.encode(answer).readableBytesView)
        } catch {
            throw ToolError(rpc: error)
        }
    }

    /// The bytes that a gateway would send about a job and what more its files tell.
    func jobProgress(
        _ id: Int64,
        including parts: OutlookParts
    ) async throws(ToolError) -> [UInt8] {
        let answer: PBJobProgress
        do {
            answer = try await self.client.fullJobProgress(id, options: self.options)
        } catch {
            throw ToolError(rpc: error)
        }
        // As a gateway would be given an error: there are no numbers.
        if let table = answer.outlook.tables.first(where: { !$0.unreadable.files.isEmpty }) {
            throw ToolError(
                .failure,
                "\(FailedJob.unreadable): a file of table '\(table.name)' has unreadable metadata",
                remedy: "'progressctl doctor' names it"
            )
        }
        return Array(ProgressJSON.encode(answer, including: parts).readableBytesView)
    }

    /// The bytes that a gateway would send about several jobs.
    func jobProgressBatch(
        _ ids: [Int64],
        _ terms: ReadingTerms
    ) async throws(ToolError) -> [UInt8] {
        do {
            let answer = try await self.client.jobProgressBatch(
                ids.map { PBKnownJob($0) },
                maxStaleness: terms.maxStaleness,
                options: self.options
            )
            let failures = answer.failed.map { failure in
                let error = RPCError(failure)
                return ProgressJSON.Failure(
                    jobID: failure.jobID,
                    code: error.reason.isEmpty ? "\(error.code)" : error.reason,
                    message: error.message
                )
            }
            return Array(ProgressJSON.encode(answer.changed, failures).readableBytesView)
        } catch {
            throw ToolError(rpc: error)
        }
    }

    /// Any method, its message encoded.
    func call(_ method: Method, _ body: ByteBuffer) async throws(ToolError) -> ByteBuffer {
        do {
            return try await self.client.call(method, body, options: self.options).body
        } catch {
            throw ToolError(rpc: error)
        }
    }
}

/// Runs `body` with a client of the server at `socket` and closes it at the end.
func withServer<Value: Sendable>(
    _ socket: String,
    timeout: Duration,
    _ body: (ServerSession) async throws -> Value
) async throws -> Value {
    var configuration = ProgressClient.Configuration(socketPath: socket)
    configuration.name = "progressctl"
    configuration.version = ToolApplication.version
    let client = ProgressClient(configuration)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(ServerSession(client: client, timeout: timeout)))
    } catch {
        result = .failure(error)
    }
    await client.close()
    return try result.get()
}

extension ToolError {
    /// What a failed call means to the one who typed the command.
    init(rpc error: RPCError) {
        switch error.code {
        case .notFound:
            self.init(.notFound, error.message)
        case .permissionDenied, .unauthenticated:
            self.init(
                .notAuthorised,
                error.message,
                remedy: "the server decides by the user who calls; --peers lists who may"
            )
        case .unavailable where error.isNotProcessed && error.reason.isEmpty:
            self.init(
                .unavailable,
                error.message,
                remedy: "'progressctl doctor' looks for the reason"
            )
        case .unavailable, .deadlineExceeded, .resourceExhausted:
            self.init(.unavailable, error.message)
        default:
            let reason = error.reason.isEmpty ? "\(error.code)" : error.reason
            self.init(.failure, "\(reason): \(error.message)")
        }
    }
}
