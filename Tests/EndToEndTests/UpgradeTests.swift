import Foundation
import TestSupport
import Testing

@Suite("An upgrade of Amp under the running programs", .requiresPostgres, .timeLimit(.minutes(3)))
struct UpgradeTests {
    /// Of job 1, in every state of Amp.
    private static let progress = """
        {"job_id":1,"job_status":"RUNNING","tables":{\
        "blocks":{"current_block":29,"start_block":0,"files_count":3,"total_size_bytes":300}}}
        """

    /// The status of job 2.
    private static func failed(_ stage: AmpUpgrade?) -> String {
        switch stage {
        case nil, .revisions: "FAILED"
        case .newWordForFailed: "FAILED_RECOVERABLE"
        default: "ERROR"
        }
    }

    @Test("Before and after each step, from era C to G, every answer is right, without a restart")
    func eachStep() async throws {
        let database = try await AmpDatabase.make(
            statuses: ["RUNNING", "FAILED"],
            upgradedThrough: nil
        )
        try await database.addChain(of: 3, to: 1)
        try await Stack.with(database) { stack in
            try await Self.checkAnswers(of: stack, after: nil)
            let steps = Counter()
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await Self.ask(stack, until: steps) }
                for step in AmpUpgrade.allCases {
                    try await database.execute(step.script)
                    try await Self.checkAnswers(of: stack, after: step)
                    steps.increment()
                }
                let count = try await group.next() ?? 0
                #expect(count > 0)
            }
            #expect(!stack.server.isEnded && !stack.gateway.isEnded)
        }
    }

    /// Asks again and again: each answer is right for a state before or after a step, or says that there
    /// is none now.
    ///
    /// - Returns: How many answers there were.
    private static func ask(_ stack: Stack, until steps: Counter) async throws
        -> Int
    {
        var count = 0
        while steps.value < AmpUpgrade.allCases.count {
            for path in ["/jobs/1/progress", "/jobs?status=all", "/jobs/1/events"] {
                let answer = try await stack.get(path)
                guard answer.status == 200 else {
                    Self.checkRefusal(answer, to: path)
                    continue
                }
                count += 1
                switch path {
                case "/jobs/1/progress": #expect(answer.body == Self.progress)
                case "/jobs/1/events":
                    #expect(["", "RUNNING"].contains(Self.words("event_type", in: answer.body)))
                default:
                    let statuses = Self.words("status", in: answer.body)
                    let known = ["FAILED", "FAILED_RECOVERABLE", "ERROR"].map { "\($0) RUNNING" }
                    #expect(known.contains(statuses), "\(answer.body)")
                }
            }
        }
        return count
    }

    private static func checkRefusal(_ answer: Stack.Answer, to path: String) {
        #expect(answer.status == 503, "\(path) \(answer.body)")
        #expect(answer.headers["retry-after"] != nil)
        #expect(answer.body.hasPrefix(#"{"error_code":""#), "\(path) \(answer.body)")
    }

    /// All values of a member, in order.
    private static func words(_ member: String, in body: String) -> String {
        body.split(separator: "\"\(member)\":\"").dropFirst()
            .map { $0.prefix { $0 != "\"" } }.joined(separator: " ")
    }

    /// What comes back once it is not 503.
    private static func body(of path: String, from stack: Stack) async throws -> String {
        let end = ContinuousClock.now + .seconds(20)
        var answer = try await stack.get(path)
        while answer.status == 503, ContinuousClock.now < end {
            Self.checkRefusal(answer, to: path)
            answer = try await stack.get(path)
        }
        #expect(answer.status == 200, "\(path) \(answer.body)")
        return answer.body
    }

    private static func checkAnswers(of stack: Stack, after stage: AmpUpgrade?) async throws {
        let progress = try await Self.body(of: "/jobs/1/progress", from: stack)
        #expect(progress == Self.progress, "after \(String(describing: stage))")
        let failed = try await Self.body(of: "/jobs/2/progress", from: stack)
        #expect(
            failed == #"{"job_id":2,"job_status":"\#(Self.failed(stage))","tables":{}}"#,
            "after \(String(describing: stage))"
        )
        let list = try await Self.body(of: "/jobs?status=all", from: stack)
        #expect(Self.words("status", in: list) == "\(Self.failed(stage)) RUNNING")
        #expect(list.hasPrefix(#"{"jobs":[{"id":2,"#))
        // No event tells what a job was scheduled for that ran before there were events.
        let isDescribed = stage.map { $0 < .idempotencyKey } ?? true
        #expect(list.contains(#""descriptor":{"Dump":{"#) == isDescribed, "\(list)")
        let events = try await Self.body(of: "/jobs/1/events", from: stack)
        let hasEvents = stage.map { $0 >= .events } ?? false
        #expect(Self.words("event_type", in: events) == (hasEvents ? "RUNNING" : ""))
        guard stage == nil || stage == .events || stage == .withoutStaleColumns else { return }
        for (words, body) in [
            (["job", "progress", "1"], progress), (["job", "list", "--status", "all"], list),
            (["job", "events", "1"], events),
        ] {
            let tool = try await Program.run(
                "progressctl",
                words + ["--json", "--socket", stack.socket]
            )
            #expect(tool.status == 0 && tool.output == body + "\n", "\(words) \(tool.errors)")
        }
    }
}
