/// What is known of one job, wherever it was read.
struct JobProgress: Equatable, Sendable {
    /// One table that the job writes.
    struct Table: Equatable, Sendable {
        var name: String
        /// Lowest block of the canonical chain; `nil` without data.
        var startBlock: Int64?
        /// Highest block of the canonical chain; `nil` without data.
        var currentBlock: Int64?
        /// Files of the canonical chain.
        var fileCount: Int64
        /// Bytes of those files.
        var totalByteCount: Int64
        /// What more the files tell, as far as it was asked for.
        var outlook = Outlook()
    }

    /// Why the job failed, as far as its detail says so in the usual form.
    struct Failure: Equatable, Sendable {
        /// One thing known about the failure, under the name that the detail gives it.
        struct Fact: Equatable, Sendable {
            var name: String
            var value: String
        }

        var message: String
        var facts: [Fact]
        var stackTrace: [String]
    }

    var jobID: Int64
    /// In upper case, such as `RUNNING`.
    var status: String
    /// What more is told of it, as far as it was asked for.
    var outlook = JobOutlook()
    var tables: [Table]
    /// `nil` unless the job failed and says why.
    var failure: Failure?
}
