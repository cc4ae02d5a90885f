import Logging
import NIOCore
import ProgressJSON

/// Writes log messages as the access log writes requests: one line of JSON each.
struct JSONLogHandler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    init(lines: LogLines) {
        self.lines = lines
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { _, new in new }
        self.lines.write { buffer in
            buffer.writeMember("level", event.level.rawValue)
            buffer.writeMember("event", "log")
            buffer.writeMember("message", event.message.description)
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                buffer.writeStaticString(",")
                buffer.writeJSON(key)
                buffer.writeStaticString(":")
                buffer.writeJSON("\(value)")
            }
        }
    }
}
