import FoundationEssentials
import NIOCore
import ProgressJSON

/// Lines of JSON on their way out, each of them one object that begins with the time.
///
/// A line is handed over whole, so lines of two threads never mix.
struct LogLines: Sendable {
    private let output: @Sendable (ByteBuffer) -> Void

    /// - Parameter output: Takes one line, its line feed included; called from any thread.
    init(output: @escaping @Sendable (ByteBuffer) -> Void) {
        self.output = output
    }

    /// Writes one object with the members that `body` adds.
    func write(_ body: (inout ByteBuffer) -> Void) {
        self.output(Self.line(body))
    }

    /// One object with the members that `body` adds, and a line feed.
    static func line(_ body: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(512)
        buffer.writeStaticString("{")
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        buffer.writeStaticString(#""ts":"#)
        buffer.writeJSON(Date.now.formatted(style))
        body(&buffer)
        buffer.writeStaticString("}\n")
        return buffer
    }
}

extension ByteBuffer {
    /// Writes `,"key":"value"`, or `null` for no value.
    mutating func writeMember(_ key: StaticString, _ value: String?) {
        self.writeKey(key)
        if let value {
            self.writeJSON(value)
        } else {
            self.writeStaticString("null")
        }
    }

    /// Writes `,"key":value`.
    mutating func writeMember(_ key: StaticString, _ value: Int) {
        self.writeKey(key)
        self.writeJSON(Int64(value))
    }

    private mutating func writeKey(_ key: StaticString) {
        self.writeStaticString(",\"")
        self.writeStaticString(key)
        self.writeStaticString("\":")
    }
}
