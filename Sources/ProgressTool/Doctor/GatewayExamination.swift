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
            await self.jobs(gateway),
            health.date.flatMap(httpSecond).map {
                clockFinding(gap: clockGap(theirs: $0, ours: ours))
            }
        )
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

    private static func jobs(_ gateway: GatewayReader) async -> Finding {
        do {
            _ = try await gateway.jobs(.all, PageTerms(limit: 1))
            return Finding(.ok, "jobs", "the list of jobs can be read")
        } catch {
            return Finding("jobs", failing: error)
        }
    }
}
