import Foundation
import NIOCore
import Synchronization

@testable import ProgressGateway

/// Keeps log lines for a test to look at.
final class LogCapture: Sendable {
    private let captured = Mutex<[String]>([])

    var lines: LogLines {
        LogLines { line in
            self.captured.withLock { $0.append(String(buffer: line)) }
        }
    }

    /// What was written so far.
    var text: String { self.captured.withLock { $0.joined() } }

    /// The lines of requests, decoded.
    var requests: [[String: Any]] {
        self.captured.withLock { $0 }
            .compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
            .filter { $0["event"] as? String == "request" }
    }
}
