extension JobProgress {
    /// What more is told of the job as a whole; times are RFC 3339.
    struct JobOutlook: Decodable, Equatable, Sendable {
        enum CodingKeys: String, CodingKey {
            case dataset
            case observedAt = "observed_at"
            case percent
            case etaSeconds = "eta_seconds"
            case lastFileAt = "last_file_at"
            case stalledSince = "stalled_since"
        }

        var dataset: String?
        /// `nil`: estimates were not asked for.
        var observedAt: String?
        var percent: Double?
        var etaSeconds: UInt64?
        var lastFileAt: String?
        var stalledSince: String?
    }

    /// What more the files of a table tell.
    struct Outlook: Decodable, Equatable, Sendable {
        enum CodingKeys: String, CodingKey {
            case endBlock = "end_block"
            case percent
            case blocksPerSecond = "blocks_per_second"
            case etaSeconds = "eta_seconds"
            case lastFileAt = "last_file_at"
            case missingRanges = "missing_ranges"
            case missingOmitted = "missing_omitted"
            case fork
            case networks
        }

        var endBlock: UInt64?
        var percent: Double?
        var blocksPerSecond: Double?
        var etaSeconds: UInt64?
        /// RFC 3339.
        var lastFileAt: String?
        /// First and last block of each range that no file covers; `nil`: not known.
        var missingRanges: [[UInt64]]?
        /// How many more there are; `nil`: they were not asked for.
        var missingOmitted: Int?
        var fork: Blocks?
        /// Lowest and highest block of each network, if there are several.
        var networks: [String: Blocks]?
    }

    /// A range of blocks, both of which belong to it.
    struct Blocks: Decodable, Equatable, Sendable {
        enum CodingKeys: String, CodingKey {
            case start = "start_block"
            case end = "end_block"
        }

        var start: UInt64
        var end: UInt64
    }
}
