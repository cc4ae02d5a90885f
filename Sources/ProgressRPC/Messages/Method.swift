/// What a call asks for; the list is in `protocol/registry.md`.
///
/// An open set: a method that this version does not know still prints and compares.
public struct Method: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public var rawValue: UInt16

    /// Creates a method from the number on the wire.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Which methods, limits and features the server has.
    public static let describe = Method(rawValue: 1)
    /// Whether calls are answered.
    public static let health = Method(rawValue: 2)
    /// Calls and latencies since the server started.
    public static let stats = Method(rawValue: 3)
    /// Gives the bytes back.
    public static let echo = Method(rawValue: 4)
    /// How far a job is.
    public static let getJobProgress = Method(rawValue: 16)
    /// How far several jobs are, at one moment.
    public static let getJobProgressBatch = Method(rawValue: 17)
    /// What a job is.
    public static let getJob = Method(rawValue: 18)
    /// The jobs, a page at a time.
    public static let listJobs = Method(rawValue: 19)
    /// The jobs of one revision of a dataset.
    public static let listDatasetJobs = Method(rawValue: 20)
    /// What happened to a job.
    public static let listJobEvents = Method(rawValue: 21)
    /// One event of a job, with its detail.
    public static let getJobEvent = Method(rawValue: 22)

    /// The methods that this version of the library knows, by number.
    public static let all: [Method] = [
        .describe, .health, .stats, .echo, .getJobProgress, .getJobProgressBatch, .getJob,
        .listJobs, .listDatasetJobs, .listJobEvents, .getJobEvent,
    ]

    /// The name in the registry; `Method<number>` for a method that is not in it.
    public var name: String {
        switch self {
        case .describe: "Describe"
        case .health: "Health"
        case .stats: "Stats"
        case .echo: "Echo"
        case .getJobProgress: "GetJobProgress"
        case .getJobProgressBatch: "GetJobProgressBatch"
        case .getJob: "GetJob"
        case .listJobs: "ListJobs"
        case .listDatasetJobs: "ListDatasetJobs"
        case .listJobEvents: "ListJobEvents"
        case .getJobEvent: "GetJobEvent"
        default: "Method\(self.rawValue)"
        }
    }

    /// The method with a name of the registry, in any letter case; `nil` if there is none.
    public init?(name: String) {
        guard let method = Self.all.first(where: { $0.name.lowercased() == name.lowercased() })
        else { return nil }
        self = method
    }
}
