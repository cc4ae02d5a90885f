import Crypto
import FoundationEssentials
import ProgressRPC

extension EntityTag {
    /// The name of a batch's answer: it changes when a version, a failure or the jobs asked about do.
    ///
    /// - Returns: `nil` if an answer has no version.
    init?(of reading: BatchReading) {
        var hash = SHA256()
        for job in reading.jobs {
            guard job.version.count == 16 else { return nil }
            hash.update(data: Array("job \(job.jobID) ".utf8))
            hash.update(data: job.version)
        }
        for (id, failure) in reading.failures {
            // No code and no message holds a zero byte, so that nothing can be shifted between them.
            hash.update(data: Array("failure \(id) \(failure.code)\0\(failure.message)\0".utf8))
        }
        self.init(version: Array(hash.finalize()).prefix(16))
    }
}
