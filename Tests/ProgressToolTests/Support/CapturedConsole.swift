import Glibc
import Synchronization

@testable import ProgressTool

/// What a command printed and how it ended.
struct CommandResult: Sendable {
    var status: CommandStatus
    /// Standard output.
    var output: String
    /// Standard error.
    var notes: String
}

/// Runs a command line as `main` does, with its output caught in memory.
func runCommand(_ arguments: String...) async throws -> CommandResult {
    try await runCommand(arguments)
}

/// The same for arguments in an array.
func runCommand(_ arguments: [String]) async throws -> CommandResult {
    let output = try NamelessFile()
    let notes = try NamelessFile()
    let console = Console(
        output: output.descriptor,
        notes: notes.descriptor,
        isColoured: false
    )
    let status = await Console.$current.withValue(console) {
        await ToolApplication.run(arguments)
    }
    return CommandResult(status: status, output: output.text(), notes: notes.text())
}

/// A file without a name.
private final class NamelessFile: Sendable {
    let descriptor: Int32

    init() throws {
        var path = Array("/tmp/progress-output-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw ToolError(.failure, systemMessage(errno)) }
        unlink(path)
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    func text() -> String {
        let count = Int(lseek(self.descriptor, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: count)
        let read = pread(self.descriptor, &bytes, count, 0)
        return String(decoding: bytes.prefix(max(0, read)), as: UTF8.self)
    }
}
