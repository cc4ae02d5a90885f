import FoundationEssentials

extension PBJobFailure {
    /// The failure of one job of a batch.
    public init(jobID: Int64, _ error: RPCError) {
        self.init()
        self.jobID = jobID
        self.code = UInt32(error.code.rawValue)
        self.error = PBError(error)
    }
}

extension RPCError {
    /// Why one job of a batch has no answer; a code that no status has reads as `unknown`.
    public init(_ failure: PBJobFailure) {
        self.init(
            code: UInt16(exactly: failure.code) ?? Code.unknown.rawValue,
            message: failure.error,
            isNotProcessed: false
        )
    }
}

extension PBKnownJob {
    /// A job of a batch, and the version of the answer that the caller holds; empty: none.
    public init(_ jobID: Int64, knownVersion: [UInt8] = []) {
        self.init()
        self.jobID = jobID
        self.knownVersion = .init(knownVersion)
    }
}
