import FoundationEssentials
import NIOCore

/// The host's monotonic clock, by which both ends of a connection can mean the same instant.
enum HostClock {
    /// The host's boot id, 16 bytes as text; empty where there is none.
    static let id: [UInt8] = {
        let path = "/proc/sys/kernel/random/boot_id"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return Array(text.utf8.filter { $0 > 0x20 })
    }()
}

/// When a call must be answered, by the receiver's clock.
enum CallDeadline {
    /// The deadline of a REQUEST; `protocol/SPEC.md`, 6.1 and 6.2.
    ///
    /// - Parameters:
    ///   - timeoutMicroseconds: From the frame; 0: `standard`.
    ///   - sentAtNanoseconds: CLOCK_MONOTONIC at the sender, or 0 without CLOCK; an instant after
    ///     `arrival` counts as `arrival`.
    static func deadline(
        timeoutMicroseconds: UInt32,
        sentAtNanoseconds: UInt64,
        arrival: NIODeadline,
        standard: TimeAmount
    ) -> NIODeadline {
        var start = arrival
        if sentAtNanoseconds > 0, sentAtNanoseconds < arrival.uptimeNanoseconds {
            start = .uptimeNanoseconds(sentAtNanoseconds)
        }
        return timeoutMicroseconds == 0
            ? start + standard : start + .microseconds(Int64(timeoutMicroseconds))
    }
}
