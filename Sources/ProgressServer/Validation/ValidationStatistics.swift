/// How answers came about since the server started, and how the database is.
struct ValidationStatistics: Sendable {
    var currency: Currency?
    var isStandby = false
    var replayLag = Duration.zero
    var byteCount = 0
    var fileCount = 0
    var revisionCount = 0
    var jobCount = 0
    var watcherCount = 0
    var roundCount: UInt64 = 0
    var validatedCount: UInt64 = 0
    var staleAnswerCount: UInt64 = 0
    var loadCount: UInt64 = 0
    var rowCount: UInt64 = 0
    var evictionCount = 0
    var flushCount: UInt64 = 0
    var directReadCount: UInt64 = 0
    var restoredCount: UInt64 = 0

    /// By the names of `protocol/registry.md`.
    var response: [String: UInt64] {
        [
            "bytes": UInt64(clamping: self.byteCount), "segments": UInt64(clamping: self.fileCount),
            "revisions": UInt64(clamping: self.revisionCount),
            "jobs": UInt64(clamping: self.jobCount),
            "watchers": UInt64(clamping: self.watcherCount),
            "rounds": self.roundCount, "validated": self.validatedCount,
            "stale_answers": self.staleAnswerCount, "loads": self.loadCount,
            "rows": self.rowCount, "evictions": UInt64(clamping: self.evictionCount),
            "flushes": self.flushCount, "direct_reads": self.directReadCount,
            "restored": self.restoredCount,
        ]
    }
}
