/// How `progressctl` ended, for the script that called it.
struct CommandStatus: RawRepresentable, Hashable, Sendable {
    /// The status of the process, 0 to 255.
    var rawValue: Int32

    static let success = Self(rawValue: 0)
    static let failure = Self(rawValue: 1)
    /// The command line is wrong: nothing was tried.
    static let usage = Self(rawValue: 2)
    static let notFound = Self(rawValue: 3)
    /// The credentials are missing, wrong, or do not reach far enough.
    static let notAuthorised = Self(rawValue: 4)
    /// Nobody answered, or not in time: trying again later may help.
    static let unavailable = Self(rawValue: 5)
    /// Ended by SIGINT, as a shell reports it.
    static let interrupted = Self(rawValue: 130)
}
