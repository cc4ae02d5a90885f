import ProgressRPC
import TestSupport

/// Asks for one job after the other, on one connection.
struct CurrencyReader {
    let client: ProgressClient
    let connection: Int
    let traffic: Traffic
    let pace: Pace
    var random: SplitMix64

    /// Asks until the run is over.
    mutating func run() async -> [AnswerRecord] {
        var records: [AnswerRecord] = []
        var held: [Int64: (answer: JobAnswer, version: [UInt8])] = [:]
        while !self.pace.isOver {
            let job = self.traffic.anyJob(using: &self.random)
            let known = Bool.random(using: &self.random) ? held[job] : nil
            let sent = self.traffic.mark()
            let outcome = await self.ask(for: job, known)
            records.append(
                AnswerRecord(
                    job: job,
                    connection: self.connection,
                    sent: sent,
                    received: self.traffic.mark(),
                    outcome: outcome
                )
            )
            if case .progress(let answer, let version, _) = outcome {
                held[job] = (answer, version)
            }
            self.pace.answered()
        }
        return records
    }

    private func ask(
        for job: Int64,
        _ known: (answer: JobAnswer, version: [UInt8])?
    ) async -> AnswerRecord.Outcome {
        do throws(RPCError) {
            let message = try await self.client.jobProgress(
                job,
                knownVersion: known?.version ?? [],
                options: CallOptions(timeout: .seconds(60), waitsForConnection: true)
            )
            guard let message else {
                return known.map { .notModified($0.answer) }
                    ?? .failed("not modified, without a known version")
            }
            return .progress(
                JobAnswer(message),
                version: Array(message.version),
                snapshot: message.asOf.snapshot
            )
        } catch {
            return error.code == .notFound ? .notFound : .failed("\(error)")
        }
    }
}
