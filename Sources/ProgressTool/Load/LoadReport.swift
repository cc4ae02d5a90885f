import Histogram

/// The result of a load run, as `--json` prints it.
///
/// Members keep their meaning within one ``schema``; new ones may come.
struct LoadReport: Codable, Equatable, Sendable {
    /// What was asked for.
    struct Configuration: Codable, Equatable, Sendable {
        /// `socket` or `http`.
        var target: String
        /// `echo`, `health` or `progress`.
        var method: String
        var connections: Int
        var inFlightPerConnection: Int
        /// The upper bound of the run, in seconds.
        var durationSeconds: Double
        /// The upper bound of calls; `nil`: none.
        var requests: Int?
        var timeoutSeconds: Double
        var jobs: [Int64]
        /// How much older than its call an answer may be; `nil`: current.
        var maxStalenessSeconds: Double?
        /// Bytes of an echo; `nil` for other methods.
        var echoBytes: Int?
        /// Event loops of this program.
        var threads: Int
    }

    /// How the calls ended.
    struct Answers: Codable, Equatable, Sendable {
        var right: UInt64
        /// Answers that said something else than they had to.
        var wrong: UInt64
        /// Calls without an answer of the wanted form, by name.
        var errors: [String: UInt64]
    }

    /// From sending to the decoded answer, of right answers, in microseconds.
    struct Latency: Codable, Equatable, Sendable {
        var p50: Double
        var p90: Double
        var p99: Double
        var p999: Double
        var max: Double
        var mean: Double
    }

    /// What the run cost this program.
    struct Client: Codable, Equatable, Sendable {
        /// Processor time of this process, in seconds.
        var cpuSeconds: Double
        /// Of the time of its event loops, 0 to about 1.
        var cpuShare: Double
        /// Whether this program rather than the server may have been the limit.
        var isSaturated: Bool
    }

    /// Names the meaning of the members.
    static let schema = "progressctl.load/1"
    /// From this share of its processors on, the client may be the limit.
    static let saturatedShare = 0.85

    var schema = Self.schema
    var version = ToolApplication.version
    /// RFC 3339.
    var startedAt: String
    var machine: Machine
    var configuration: Configuration
    var elapsedSeconds: Double
    var answers: Answers
    /// Right answers a second.
    var answersPerSecond: Double
    /// `nil` if no answer was right.
    var latencyMicroseconds: Latency?
    var client: Client

    init(
        startedAt: String,
        machine: Machine,
        configuration: Configuration,
        elapsed: Duration,
        tally: LoadTally,
        cpuTime: Duration
    ) {
        let seconds = elapsed / .seconds(1)
        self.startedAt = startedAt
        self.machine = machine
        self.configuration = configuration
        self.elapsedSeconds = seconds
        self.answers = Answers(
            right: tally.answerCount,
            wrong: tally.wrongCount,
            errors: tally.errors
        )
        self.answersPerSecond = seconds > 0 ? Double(tally.answerCount) / seconds : 0
        self.latencyMicroseconds = tally.latency
        let share =
            seconds > 0 ? cpuTime / .seconds(1) / (seconds * Double(configuration.threads)) : 0
        self.client = Client(
            cpuSeconds: cpuTime / .seconds(1),
            cpuShare: share,
            isSaturated: share >= Self.saturatedShare
        )
    }
}

extension LoadTally {
    /// The percentiles; `nil` without a right answer.
    var latency: LoadReport.Latency? {
        guard self.answerCount > 0 else { return nil }
        func percentile(_ share: Double) -> Double {
            Double(self.latencies.valueAtPercentile(share)) / 1_000
        }
        return LoadReport.Latency(
            p50: percentile(50),
            p90: percentile(90),
            p99: percentile(99),
            p999: percentile(99.9),
            max: Double(self.latencies.max) / 1_000,
            mean: self.latencies.mean / 1_000
        )
    }
}
