import NIOCore
import ProgressRPC
import SwiftProtobuf
import Testing

@testable import ProgressTool

@Suite("progressctl call")
struct UnaryMethodTests {
    @Test("Every method of the registry can be called, by its name in any letter case")
    func all() throws {
        #expect(UnaryMethod.all.map(\.method) == Method.all)
        #expect(try UnaryMethod(named: "getjobprogress").method == .getJobProgress)
    }

    @Test("An unknown name ends with status 2 and lists the methods")
    func unknownMethod() async throws {
        let result = try await runCommand("call", "Delete", "{}", "--socket", "/nowhere")
        #expect(result.status == .usage)
        for method in Method.all { #expect(result.notes.contains(method.name)) }
    }

    @Test("Requests and answers are proto3 JSON")
    func json() throws {
        let method = try UnaryMethod(named: "GetJobProgress")
        let request = try method.request(#"{"jobId":"42"}"#)
        #expect(
            try PBGetJobProgressRequest(serializedBytes: Array(request.readableBytesView)).jobID
                == 42
        )
        var answer = PBJobProgress()
        answer.jobID = 42
        answer.jobStatus = "RUNNING"
        let text = try method.text(of: ByteBuffer(bytes: answer.serializedBytes() as [UInt8]))
        #expect(text == #"{"jobId":"42","jobStatus":"RUNNING"}"#)
    }

    @Test("A request that is no JSON, or has an unknown member, is refused with status 2")
    func badRequests() throws {
        let method = try UnaryMethod(named: "GetJobProgress")
        for text in ["", "{", #"{"job":1}"#, #"{"jobId":"x"}"#] {
            let error = #expect(throws: ToolError.self) { try method.request(text) }
            #expect(error?.status == .usage)
        }
    }

    @Test("Echo takes and gives the text as it is")
    func echo() throws {
        let echo = try UnaryMethod(named: "echo")
        #expect(try echo.text(of: try echo.request("not JSON")) == "not JSON")
    }

    @Test("A call to a server that is not there ends with status 5")
    func noServer() async throws {
        let missing = try await runCommand(
            "call",
            "Health",
            "--socket",
            "/nonexistent/rpc.sock",
            "--timeout",
            "1s"
        )
        #expect(missing.status == .unavailable)
    }
}
