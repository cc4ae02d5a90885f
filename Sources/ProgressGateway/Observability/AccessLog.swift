import Logging
import NIOCore
import ProgressTokens

/// Writes one line of JSON for each request; a token never reaches it.
struct AccessLog: Sendable {
    /// Most bytes of a path in the log.
    static let pathByteLimit = 256

    let lines: LogLines
    /// Requests below this level leave no line.
    let level: Logger.Level

    func record(_ record: AccessRecord) {
        guard record.level >= self.level else { return }
        self.lines.write { buffer in Self.encode(record, into: &buffer) }
    }

    private static func encode(_ record: AccessRecord, into buffer: inout ByteBuffer) {
        buffer.writeMember("level", record.level.rawValue)
        buffer.writeMember("event", "request")
        buffer.writeMember("request_id", record.requestID.description)
        buffer.writeMember("principal", record.principal)
        buffer.writeMember("method", record.method)
        buffer.writeMember("route", record.route)
        buffer.writeMember("path", Self.path(of: record.target))
        buffer.writeMember("status", record.status)
        buffer.writeMember("bytes", record.byteCount)
        buffer.writeMember("dur_us", record.duration.wholeMicroseconds)
        buffer.writeMember("remote", record.remote)
        if let failure = record.failure {
            buffer.writeMember("code", failure.code)
            if let reason = failure.reason { buffer.writeMember("reason", reason) }
        }
    }
}

extension AccessLog {
    /// What of a target may be logged: the path, cut, without the query and what looks like a token.
    ///
    /// A token there opens nothing, but callers put it there by mistake.
    private static func path(of target: String) -> String {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }.prefix(Self.pathByteLimit)
        let text = String(decoding: path, as: UTF8.self)
        guard let token = text.firstRange(of: APIToken.prefix) else { return text }
        return text[..<token.upperBound] + "…"
    }
}

extension Duration {
    /// Rounded down; a duration of 292,000 years and more counts as that.
    fileprivate var wholeMicroseconds: Int {
        let (seconds, attoseconds) = self.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max : Int(product + attoseconds / 1_000_000_000_000)
    }
}
