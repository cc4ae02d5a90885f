import SwiftProtobuf

/// Calls and latencies since the server started.
struct CallStatistics: Sendable {
    /// Buckets of a latency histogram; the last takes all above.
    static let bucketCount = 32

    private struct OfMethod {
        var calls: [UInt16: UInt64] = [:]
        var latency = [UInt64](repeating: 0, count: CallStatistics.bucketCount)
    }

    /// Calls whose RESPONSE was not yet written.
    var inFlightCount = 0
    private var methods: [Method: OfMethod] = [:]

    /// Counts an answered call; methods beyond those known are counted as one, number 0.
    mutating func record(_ method: Method, _ code: RPCError.Code, microseconds: UInt32) {
        self.inFlightCount -= 1
        let key = Method.all.contains(method) ? method : Method(rawValue: 0)
        self.methods[key, default: OfMethod()].calls[code.rawValue, default: 0] += 1
        self.methods[key, default: OfMethod()].latency[Self.bucket(microseconds)] += 1
    }

    /// The bucket of a latency: 0 for less than 2 µs, else the whole part of its binary logarithm.
    static func bucket(_ microseconds: UInt32) -> Int {
        microseconds < 2 ? 0 : UInt32.bitWidth - 1 - microseconds.leadingZeroBitCount
    }

    /// The counts as they travel; the server adds what it knows of itself.
    var response: PBStatsResponse {
        PBStatsResponse.with { response in
            response.callsInFlight = UInt32(clamping: self.inFlightCount)
            response.methods = self.methods.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                method,
                counts in
                PBMethodStats.with {
                    $0.method = UInt32(method.rawValue)
                    $0.latencyLog2 = counts.latency
                    for (code, count) in counts.calls { $0.calls[UInt32(code)] = count }
                }
            }
        }
    }
}
