/// What a load run does.
struct LoadPlan: Sendable {
    /// What is called.
    enum Work: Equatable, Sendable {
        /// Echo of so many bytes.
        case echo(byteCount: Int)
        case health
        /// The progress of these jobs in turn.
        case progress(jobs: [Int64])
    }

    /// Bounds of the options.
    static let connectionRange = 1...1_024
    static let inFlightRange = 1...1_024
    static let durationRange = Duration.milliseconds(1)...Duration.seconds(3_600)
    static let requestRange = 1...1_000_000_000
    static let echoByteRange = 0...60_000

    var target: Target
    var work: Work
    var connectionCount: Int
    /// Calls that each connection has under way at any time.
    var inFlight: Int
    /// The longest that it lasts.
    var duration: Duration
    /// Calls in all; `nil`: as many as fit into the duration.
    var requestCount: Int?
    /// Of each call.
    var timeout: Duration
    /// How much older than its call an answer about a job may be.
    var maxStaleness = Duration.zero
}

/// The jobs of a run, one after the other, beginning anywhere.
struct JobRotation: Sendable {
    private let jobs: [Int64]
    private var index: Int

    /// - Precondition: `jobs` is not empty.
    init(_ jobs: [Int64], startingAt index: Int) {
        precondition(!jobs.isEmpty, "a rotation needs a job")
        self.jobs = jobs
        self.index = index % jobs.count
    }

    mutating func next() -> Int64 {
        defer { self.index = (self.index + 1) % self.jobs.count }
        return self.jobs[self.index]
    }
}
