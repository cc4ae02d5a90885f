import FoundationEssentials
import ProgressRPC

/// The checks of a gateway, by HTTP.
enum GatewayExamination {
    static func diagnosis(_ gateway: GatewayReader) async -> Diagnosis {
        var diagnosis = Diagnosis()
        let asked = wallClock()
        let health: GatewayReader.Answer
        do {
            health = try await gateway.anyAnswer(to: "/healthz")
        } catch {
            diagnosis.isAnswered = error.status != .unavailable
            diagnosis.add(Finding("gateway", failing: error))
            return diagnosis
        }
        let ours = asked...max(asked, wallClock())
        diagnosis.isAnswered = true
        diagnosis.add(
            self.health(gateway, health),
            await self.caller(gateway),
            health.date.flatMap(httpSecond).map {
                clockFinding(gap: clockGap(theirs: $0, ours: ours))
            }
        )
        do {
            let terms = PageTerms(limit: JobSample.limit)
            let active = try await gateway.jobs(.active, terms)
            let newest = try await gateway.jobs(.all, terms)
            diagnosis.add(Finding(.ok, "jobs", "the list of jobs can be read"))
            let sample = JobSample(
                active: (active.jobs.map(\.id), active.nextCursor != nil),
                newest: (newest.jobs.map(\.id), newest.nextCursor != nil)
            )
            diagnosis.findings += await self.files(of: sample, gateway)
        } catch {
            diagnosis.add(Finding("jobs", failing: error))
        }
        return diagnosis
    }

    private static func health(
        _ gateway: GatewayReader,
        _ answer: GatewayReader.Answer
    ) -> Finding {
        guard answer.status == 200 else {
            return Finding(
                .fail,
                "gateway",
                "\(gateway.baseURL)/healthz answers with status \(answer.status)",
                remedy: "does --admin-url or AMP_ADMIN_URL name a gateway?"
            )
        }
        return Finding(.ok, "gateway", "\(gateway.baseURL) answers")
    }

    private static func caller(_ gateway: GatewayReader) async -> Finding {
        do {
            let answer = try await gateway.anyAnswer(to: "/whoami")
            switch answer.status {
            case 200: return try CallerDocument(answer.body).finding(now: .now)
            case 404:
                return Finding(
                    .warn,
                    "token",
                    "the gateway does not say who asks",
                    remedy: "is it an older release, or Amp itself?"
                )
            case let status: throw GatewayReader.error(status: status, body: answer.body)
            }
        } catch let error as ToolError {
            return Finding("token", failing: error)
        } catch {
            return Finding(.fail, "token", "the answer of /whoami is not understood")
        }
    }

    private static func files(of sample: JobSample, _ gateway: GatewayReader) async -> [Finding] {
        var jobs: [FailedJob] = []
        var rest = sample.ids[...]
        do {
            while !rest.isEmpty {
                let ids = Array(rest.prefix(FailedJob.batchJobs))
                rest = rest.dropFirst(ids.count)
                let body = try await gateway.jobProgressBatch(ids, ReadingTerms())
                for failure in try JobBatchDocument(body).failures
                where failure.code != "JOB_NOT_FOUND" {
                    var job = FailedJob(
                        id: failure.jobID,
                        reason: failure.code,
                        message: failure.message
                    )
                    if failure.code == FailedJob.unreadable {
                        job.remedy = "'doctor --socket' names the rows, a gateway does not"
                    }
                    jobs.append(job)
                }
            }
        } catch  where error == .nothingThere {
            return [
                Finding(
                    .warn,
                    "files",
                    "the gateway does not tell the progress of several jobs",
                    remedy: "is it an older release, or Amp itself?"
                )
            ]
        } catch {
            return [Finding("files", failing: error)]
        }
        return FailedJob.findings(of: jobs, among: sample)
    }
}
