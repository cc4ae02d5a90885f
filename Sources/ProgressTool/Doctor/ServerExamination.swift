import ProgressRPC

/// The checks of a server, by its socket.
enum ServerExamination {
    static func diagnosis(socket: String, timeout: Duration) async throws -> Diagnosis {
        let (findings, isAccepting) = SocketExamination.findings(at: socket)
        guard isAccepting else { return Diagnosis(findings: findings) }
        return try await withServer(socket, timeout: timeout) { server in
            var diagnosis = Diagnosis(findings: findings)
            await self.examine(server, &diagnosis)
            return diagnosis
        }
    }

    private static func examine(_ server: ServerSession, _ diagnosis: inout Diagnosis) async {
        do {
            let description = try await server.client.describe(options: server.options)
            diagnosis.isAnswered = true
            diagnosis.add(self.handshake(description))
        } catch {
            diagnosis.isAnswered = ![.unavailable, .deadlineExceeded].contains(error.code)
            diagnosis.add(Finding("handshake", failing: ToolError(rpc: error)))
            return
        }
        await self.examineJobs(server, &diagnosis)
        do {
            diagnosis.findings += healthFindings(
                try await server.client.health(options: server.options)
            )
        } catch {
            diagnosis.add(Finding("database", failing: ToolError(rpc: error)))
        }
        do {
            diagnosis.findings += statsFindings(
                try await server.client.stats(options: server.options)
            )
        } catch {
            diagnosis.add(Finding("load", failing: ToolError(rpc: error)))
        }
    }

    private static func handshake(_ description: PBDescribeResponse) -> Finding {
        let name = "\(description.name) \(description.version)"
        let isOther =
            !description.version.isEmpty && description.version != ToolApplication.version
        return Finding(
            isOther ? .warn : .ok,
            "handshake",
            "\(name), \(description.methods.count) methods",
            remedy: isOther
                ? "this is progressctl \(ToolApplication.version); use that of the same release"
                : nil
        )
    }

    /// The protocol does not tell a peer its role, but what it may do does.
    private static func examineJobs(
        _ server: ServerSession,
        _ diagnosis: inout Diagnosis
    ) async {
        do {
            var options = server.options
            let (jobs, clock): (JobSample, Finding?)
            do throws(RPCError) {
                (jobs, clock) = try await self.listJobs(server, options)
                diagnosis.add(Finding(.ok, "role", "trusted"))
            } catch  where error.code == .unauthenticated {
                diagnosis.add(Finding(.ok, "role", "gateway: it reads within a scope"))
                var scope = PBScope()
                scope.all = true
                options.scope = scope
                (jobs, clock) = try await self.listJobs(server, options)
            }
            diagnosis.add(clock)
            diagnosis.findings += await self.examineFiles(of: jobs, server, options)
        } catch  where error.code == .permissionDenied {
            diagnosis.add(
                Finding(
                    .warn,
                    "role",
                    "observer: it reads health and statistics only",
                    remedy: "the server's --peers gives this user another role"
                )
            )
        } catch {
            diagnosis.add(Finding("jobs", failing: ToolError(rpc: error)))
        }
    }

    /// - Returns: Jobs to look at, and how far its clock is from ours; `nil` if the answer has no time.
    private static func listJobs(
        _ server: ServerSession,
        _ options: CallOptions
    ) async throws(RPCError) -> (JobSample, Finding?) {
        var request = PBListJobsRequest()
        request.limit = UInt32(JobSample.limit)
        request.statuses = JobStatusFilter.active.statuses.map(\.rawValue)
        let active = try await server.client.jobs(request, options: options)
        request.statuses = []
        let asked = wallClock()
        let newest = try await server.client.jobs(request, options: options)
        let observed = newest.asOf.observedAtUs
        let sample = JobSample(
            active: (active.jobs.map(\.id), active.nextCursor != 0),
            newest: (newest.jobs.map(\.id), newest.nextCursor != 0)
        )
        guard observed != 0 else { return (sample, nil) }
        let ours = asked...max(asked, wallClock())
        return (sample, clockFinding(gap: clockGap(theirs: observed...observed, ours: ours)))
    }
}
