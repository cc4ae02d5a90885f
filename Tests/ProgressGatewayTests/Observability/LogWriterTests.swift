import Foundation
import Glibc
import NIOCore
import Testing

@testable import ProgressGateway

@Suite(.timeLimit(.minutes(1)))
struct LogWriterTests {
    /// A pipe that nobody reads until the test does.
    private struct Pipe {
        let readEnd: CInt
        let writeEnd: CInt

        init(isNonBlocking: Bool = false) throws {
            var ends: [CInt] = [-1, -1]
            try #require(pipe(&ends) == 0)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            (self.readEnd, self.writeEnd) = (ends[0], ends[1])
            if isNonBlocking { _ = fcntl(self.writeEnd, F_SETFL, O_NONBLOCK) }
        }

        /// The lines read until they are what is waited for.
        func lines(until isComplete: ([Substring]) -> Bool) -> [String] {
            var content = ""
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while !(content.hasSuffix("\n") && isComplete(content.split(separator: "\n"))) {
                let count = read(self.readEnd, &chunk, chunk.count)
                guard count > 0 else { break }
                content += String(decoding: chunk.prefix(count), as: UTF8.self)
            }
            return content.split(separator: "\n").map(String.init)
        }

        func close() {
            Glibc.close(self.readEnd)
            Glibc.close(self.writeEnd)
        }
    }

    private static func line(_ number: Int) -> String {
        "\(number) " + String(repeating: "x", count: 1_000)
    }

    /// How many lines a notice says are missing; `nil` for any other line.
    private static func droppedCount(_ line: Substring) -> Int? {
        guard line.hasPrefix("{"),
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
            let members = object as? [String: Any], members["level"] as? String == "warning"
        else { return nil }
        return members["lines"] as? Int
    }

    @Test(
        "A reader that stalls stops nobody; it gets what was kept, and how much was not",
        arguments: [false, true]
    )
    func stalledReader(isNonBlocking: Bool) async throws {
        let pipe = try Pipe(isNonBlocking: isNonBlocking)
        defer { pipe.close() }
        let writer = LogWriter(descriptor: pipe.writeEnd, byteLimit: 100_000)
        // A pipe holds 64 KiB, so the thread stalls before half of these; this loop must not.
        let count = 1_000
        for number in 0..<count { writer.write(ByteBuffer(string: Self.line(number) + "\n")) }
        #expect(await writer.flush(within: .milliseconds(1)) == false)

        let lines = pipe.lines { lines in
            let notices = lines.compactMap(Self.droppedCount)
            return lines.count - notices.count + notices.reduce(0, +) == count
        }
        let kept = lines.filter { Self.droppedCount($0[...]) == nil }
        #expect(99...200 ~= kept.count)
        // What is dropped comes after what was kept; both are in order.
        #expect(kept.starts(with: (0..<90).map(Self.line)))

        writer.write(ByteBuffer(string: "after\n"))
        #expect(await writer.flush(within: .seconds(30)))
        #expect(pipe.lines { !$0.isEmpty } == ["after"])
    }

    @Test("All lines are written in order when flushed")
    func flush() async throws {
        let pipe = try Pipe()
        defer { pipe.close() }
        let writer = LogWriter(descriptor: pipe.writeEnd)
        for number in 0..<50 { writer.write(ByteBuffer(string: Self.line(number) + "\n")) }
        #expect(await writer.flush(within: .seconds(30)))
        #expect(pipe.lines { $0.count == 50 } == (0..<50).map(Self.line))
    }

    @Test("A reader that is gone costs the lines and nothing else")
    func goneReader() async throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = try Pipe()
        Glibc.close(pipe.readEnd)
        defer { Glibc.close(pipe.writeEnd) }
        let writer = LogWriter(descriptor: pipe.writeEnd)
        for number in 0..<50 { writer.write(ByteBuffer(string: Self.line(number) + "\n")) }
        #expect(await writer.flush(within: .seconds(30)))
    }
}
