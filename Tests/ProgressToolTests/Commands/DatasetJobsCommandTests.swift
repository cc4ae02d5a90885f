import NIOCore
import NIOHTTP1
import ProgressJSON
import ProgressRPC
import Testing

@testable import ProgressTool

@Suite("progressctl dataset jobs")
struct DatasetJobsCommandTests {
    private static let page: PBListDatasetJobsResponse = {
        var page = PBListDatasetJobsResponse()
        page.jobs = [SampleJobs.hidden, SampleJobs.running]
        page.nextCursor = 42
        return page
    }()
    private static let body =
        #"{"jobs":[\#(SampleJobs.hiddenBody),\#(SampleJobs.runningBody)],"next_cursor":42}"#
    private static let path = "/datasets/amp/eth/versions/1.2.0%2Bb/jobs"
    private static let more = "there are more: add '--after 42' for the next page\n"
    private static func table(_ first: String, _ second: String) -> String {
        """
        ID  Status     Created              Tables
        41  SCHEDULED  2024-01-15 10:30:00  \(first)
        42  RUNNING    2026-01-02 03:04:05  \(second)

        """
    }

    @Test("As JSON both ways print the bytes of the API")
    func json() async throws {
        let server = StubJobs(Self.page)
        let results = try await runBothWays(
            ["dataset", "jobs", "amp/eth@1.2.0+b", "--json", "-l", "2", "-a", "40"],
            server: server,
            path: Self.path + "?limit=2&last_job_id=40",
            body: Self.body
        )
        for result in results {
            #expect(result.output == Self.body + "\n")
            #expect(result.notes.isEmpty)
        }
        #expect(
            server.questions == [
                #"ListDatasetJobs {"namespace":"amp","name":"eth","revision":"1.2.0+b","limit":2,"#
                    + #""lastJobId":"40"}"#
            ]
        )
    }

    @Test("For people the table has the jobs' tables; a gateway is asked for them as well")
    func tables() async throws {
        try await withStubServer(StubJobs(Self.page)) { socket in
            let result = try await runCommand(
                "dataset",
                "jobs",
                "amp/eth@1.2.0+b",
                "--socket",
                socket
            )
            #expect(result.output == Self.table("-", "blocks, logs"))
            #expect(result.notes == Self.more)
        }
        let figures =
            #"{"current_block":null,"start_block":null,"files_count":0,"total_size_bytes":0}"#
        try await withStubGateway { request in
            switch request.uri {
            case Self.path: (.ok, Self.body)
            case "/jobs/progress?ids=41,42":
                (
                    .ok,
                    #"{"jobs":[{"job_id":42,"job_status":"RUNNING","tables":{"logs":\#(figures),"#
                        + #""blocks":\#(figures)}}],"errors":[{"job_id":41,"error_code":"#
                        + #""JOB_NOT_FOUND","error_message":"gone"}]}"#
                )
            default: (.notFound, request.uri)
            }
        } _: { url in
            let result = try await runCommand(
                "dataset",
                "jobs",
                "amp/eth@1.2.0+b",
                "--admin-url",
                url
            )
            #expect(result.output == Self.table("?", "blocks, logs"))
            #expect(
                result.notes
                    == "jobs whose tables are not known: 1; 'progressctl job progress 41' says why\n"
                    + Self.more
            )
        }
    }

    @Test("A gateway that cannot tell the tables still lists the jobs, and a note says why")
    func tablesUnknown() async throws {
        let results = try await runBothWays(
            ["dataset", "jobs", "amp/eth@1.2.0+b"],
            server: StubJobs(Self.page),
            path: Self.path,
            body: Self.body
        )
        let result = try #require(results.last)
        #expect(result.status == .success)
        #expect(result.output == Self.table("?", "?"))
        #expect(result.notes.hasPrefix("the tables are not known: X: /jobs/progress?ids=41,42\n"))
    }

    @Test("A dataset without jobs is a note; one that is not there ends with status 3")
    func nothing() async throws {
        let results = try await runBothWays(
            ["dataset", "jobs", "amp/eth@dev"],
            server: StubJobs(PBListDatasetJobsResponse()),
            path: "/datasets/amp/eth/versions/dev/jobs",
            body: #"{"jobs":[]}"#
        )
        for result in results {
            #expect(result.output.isEmpty)
            #expect(result.notes == "no jobs found\n")
            #expect(result.status == .success)
        }
        let server = StubJobs(failing: RPCError(.notFound, "none", reason: "DATASET_NOT_FOUND"))
        try await withStubServer(server) { socket in
            let result = try await runCommand("dataset", "jobs", "a/b@dev", "--socket", socket)
            #expect(result.status == .notFound)
        }
        try await withStubGateway { _ in
            (.notFound, #"{"error_code":"DATASET_NOT_FOUND","error_message":"none"}"#)
        } _: { url in
            let result = try await runCommand("dataset", "jobs", "a/b@dev", "--admin-url", url)
            #expect(result.status == .notFound)
        }
    }

    @Test("Most jobs of a page have their tables asked for in batches that fit a target")
    func batches() async throws {
        let ids = (1...Int64(GatewayReader.tableBatchJobs + 1)).map { Int64.max - $0 }
        let jobs = try ids.map { id in
            var job = SampleJobs.hidden
            job.id = id
            return try JobInfo(Array(JobJSON.encode(job).readableBytesView))
        }
        try await withStubGateway { request in
            let asked = request.uri.split(separator: "=").last?.split(separator: ",") ?? []
            let fits = request.uri.utf8.count < 8_000 && Set([256, 1]).contains(asked.count)
            let answers = asked.map { #"{"job_id":\#($0),"job_status":"X","tables":{}}"# }
            return (
                fits ? .ok : .badRequest,
                #"{"jobs":[\#(answers.joined(separator: ","))],"errors":[]}"#
            )
        } _: { url in
            let reader = try GatewayReader(baseURL: url, token: nil, timeout: .seconds(10))
            let tables = try await reader.tables(of: jobs)
            #expect(tables.count == ids.count)
            #expect(tables.values.allSatisfy { $0 == [] })
        }
    }

    @Test("A reference has a namespace, a name and a revision")
    func references() throws {
        let reference = try DatasetReference(parsing: "_/eth_mainnet@1.2.0-rc.1+b")
        #expect(reference.namespace == "_")
        #expect(reference.name == "eth_mainnet")
        #expect(reference.revision == "1.2.0-rc.1+b")
        #expect(reference.jobsPath == "/datasets/_/eth_mainnet/versions/1.2.0-rc.1%2Bb/jobs")
    }

    @Test(
        "Other references end with status 2, and the line says what is expected",
        arguments: [
            "", "a", "a/b", "a@dev", "a/b@", "@dev", "a/b/c@dev", "a/b@dev@dev", "a/b@x/y",
            "a/b@..",
            "a/b@de v", "a/b@%2e", "a/b@v1.0.0",
        ]
    )
    func badReferences(text: String) async throws {
        let result = try await runCommand("dataset", "jobs", "--admin-url", "http://h", "--", text)
        #expect(result.status == .usage)
        #expect(result.notes.contains("NAMESPACE/NAME@REVISION"))
    }

    @Test(
        "So do names that no dataset can have, by both ways",
        arguments: [
            "/b@dev", "a/@dev", "../b@dev", "a/..@dev", "a/b?@dev", "\u{E4}/b@dev", "a-b/c@dev",
            "A/b@dev", "a/0b@dev", String(repeating: "a", count: 256) + "/b@dev",
        ]
    )
    func badNames(text: String) async throws {
        for place in [["--admin-url", "http://h"], ["--socket", "/nowhere"]] {
            let result = try await runCommand(["dataset", "jobs"] + place + ["--", text])
            #expect(result.status == .usage)
            #expect(result.notes.contains("of a-z, 0-9 and _"))
        }
    }
}
