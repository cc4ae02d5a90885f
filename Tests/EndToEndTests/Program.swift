import Foundation
import PrivatePostgres
import ProgressPostgres
import Synchronization
import Testing

/// One of the programs that this package builds, run as an operator runs it.
final class Program: Sendable {
    /// What a program wrote and how it ended.
    struct Result: Sendable {
        /// The exit status, or 128 and the signal.
        var status: Int32
        var output: String
        var errors: String

        /// The output without the time of the answer, which two requests do not share.
        var outputWithoutMoment: String {
            self.output.replacing(/"observed_at":"[0-9T:.+Z-]+"|Observed: [0-9T:.+Z -]+/, with: "")
        }
    }

    let processID: pid_t
    private let output: Lines
    private let errors: Lines
    private let ended = Ended()

    /// The folder of the programs: that of the tests.
    static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    /// Starts a program.
    ///
    /// - Parameter environment: Added to a clean environment that has only `PATH` and `HOME`.
    init(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws {
        let path = name.hasPrefix("/") ? name : Self.folder.appending(path: name).path
        let own = ProcessInfo.processInfo.environment
        let variables = environment.merging(
            ["PATH": own["PATH"] ?? "/usr/bin:/bin", "HOME": own["HOME"] ?? "/"]
        ) { given, _ in given }
        let output = try Lines()
        let errors = try Lines()
        let child = Subprocess(
            ["env", "-i"] + variables.map { "\($0)=\($1)" } + [path] + arguments,
            outputDescriptor: output.writeEnd,
            errorDescriptor: errors.writeEnd
        )
        let ended = self.ended
        self.processID = try await withCheckedThrowingContinuation { continuation in
            do {
                try DedicatedThread.start(named: "test-program") {
                    let started = Swift.Result { () throws(PrivatePostgresError) in
                        try child.start()
                    }
                    output.started()
                    errors.started()
                    continuation.resume(with: started)
                    if case .success(let id) = started { ended.end(Subprocess.waitForEnd(of: id)) }
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        self.output = output
        self.errors = errors
    }

    deinit {
        if !self.ended.isEnded { kill(self.processID, SIGKILL) }
    }

    /// Runs a program to its end.
    static func run(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> Result {
        let program = try await Program(name, arguments, environment: environment)
        return await program.end()
    }

    /// Waits for the end.
    func end() async -> Result {
        let status = await self.ended.status()
        return Result(
            status: status,
            output: await self.output.all(),
            errors: await self.errors.all()
        )
    }

    /// Waits for a line of standard error, or output, that contains `text`.
    func line(containing text: String) async throws -> String {
        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { await self.errors.line(containing: text) }
            group.addTask { await self.output.line(containing: text) }
            defer { group.cancelAll() }
            for try await case let line? in group { return line }
            throw NoSuchLine(text: text, log: await self.errors.all())
        }
    }

    struct NoSuchLine: Error {
        var text: String
        var log: String
    }

    /// Sends a signal and waits for the end.
    func stop(_ signal: Int32 = SIGTERM) async -> Result {
        kill(self.processID, signal)
        return await self.end()
    }

    /// Whether it has ended.
    var isEnded: Bool { self.ended.isEnded }
}

/// The end of a process, awaited by any number of tasks.
private final class Ended: Sendable {
    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = Mutex(State())

    var isEnded: Bool { self.state.withLock { $0.status != nil } }

    func end(_ status: Int32) {
        let waiting = self.state.withLock { state in
            state.status = status
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }

    func status() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = self.state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }
}

/// What a process writes to a pipe, as it comes.
private final class Lines: Sendable {
    private struct State {
        var text = ""
        var isComplete = false
        var waiting: [Int: (String, CheckedContinuation<String?, Never>)] = [:]
        var next = 0
    }

    let writeEnd: CInt
    private let readEnd: CInt
    private let state = Mutex(State())

    init() throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        self.readEnd = ends[0]
        self.writeEnd = ends[1]
    }

    /// The program has its end of the pipe: closes ours and reads, on a thread.
    func started() {
        close(self.writeEnd)
        try? DedicatedThread.start(named: "test-output") {
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while case let count = read(self.readEnd, &chunk, chunk.count), count > 0 {
                self.append(Data(chunk.prefix(count)))
            }
            close(self.readEnd)
            self.append(Data())
        }
    }

    private func append(_ data: Data) {
        let ready = self.state.withLock { state in
            state.text += String(decoding: data, as: UTF8.self)
            state.isComplete = state.isComplete || data.isEmpty
            var ready: [(CheckedContinuation<String?, Never>, String?)] = []
            for (key, (text, continuation)) in state.waiting {
                let line = Self.line(of: state.text, containing: text)
                guard line != nil || state.isComplete else { continue }
                ready.append((continuation, line))
                state.waiting[key] = nil
            }
            return ready
        }
        for (continuation, line) in ready { continuation.resume(returning: line) }
    }

    private static func line(of text: String, containing part: String) -> String? {
        text.split(separator: "\n").first { $0.contains(part) }.map(String.init)
    }

    /// The first whole or half line with `part`; `nil` if the pipe ends, or the task, without it.
    func line(containing part: String) async -> String? {
        let key = self.state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isDone, line) = self.state.withLock { state -> (Bool, String?) in
                    let line = Self.line(of: state.text, containing: part)
                    if line != nil || state.isComplete || Task.isCancelled { return (true, line) }
                    state.waiting[key] = (part, continuation)
                    return (false, nil)
                }
                if isDone { continuation.resume(returning: line) }
            }
        } onCancel: {
            let waiting = self.state.withLock { $0.waiting.removeValue(forKey: key) }
            waiting?.1.resume(returning: nil)
        }
    }

    /// All that was written, once the pipe has ended.
    func all() async -> String {
        _ = await self.line(containing: "\u{0}")
        return self.state.withLock { $0.text }
    }
}
