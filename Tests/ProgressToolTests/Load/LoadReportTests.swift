import FoundationEssentials
import ProgressJSON
import Testing

@testable import ProgressTool

@Suite("The report of a load run")
struct LoadReportTests {
    private func report(cpu: Duration) -> LoadReport {
        var tally = LoadTally()
        tally.record(.right, after: .microseconds(100))
        tally.record(.failed("UNAVAILABLE"), after: .microseconds(100))
        return LoadReport(
            startedAt: "2026-01-01T00:00:00Z",
            machine: Machine(
                kernel: "Linux 6",
                architecture: "x86_64",
                processor: "P",
                processorCount: 2
            ),
            configuration: .init(
                target: "socket",
                method: "echo",
                connections: 2,
                inFlightPerConnection: 1,
                durationSeconds: 2,
                requests: nil,
                timeoutSeconds: 10,
                jobs: [],
                echoBytes: 24,
                threads: 2
            ),
            elapsed: .seconds(2),
            tally: tally,
            cpuTime: cpu
        )
    }

    @Test("The members of schema 1 are all there, under their names")
    func schema() throws {
        let text = try jsonText(self.report(cpu: .seconds(1)))
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        guard case .object(let members) = document,
            case .object(let latency) = members["latencyMicroseconds"],
            case .object(let client) = members["client"]
        else {
            Issue.record("the report is not an object of objects")
            return
        }
        #expect(
            Set(members.keys) == [
                "schema", "version", "startedAt", "machine", "configuration", "elapsedSeconds",
                "answers", "answersPerSecond", "latencyMicroseconds", "client",
            ]
        )
        #expect(Set(latency.keys) == ["p50", "p90", "p99", "p999", "max", "mean"])
        #expect(Set(client.keys) == ["cpuSeconds", "cpuShare", "isSaturated"])
        #expect(members["schema"] == .string("progressctl.load/1"))
    }

    @Test("The client counts as saturated from 85 % of its event loops on")
    func saturation() {
        #expect(!self.report(cpu: .milliseconds(3_390)).client.isSaturated)
        #expect(self.report(cpu: .milliseconds(3_400)).client.isSaturated)
        #expect(loadText(self.report(cpu: .seconds(4))).contains("Client saturated"))
    }

    @Test("A rate counts right answers only")
    func rate() {
        #expect(self.report(cpu: .zero).answersPerSecond == 0.5)
    }
}
