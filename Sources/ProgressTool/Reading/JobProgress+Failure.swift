import ProgressJSON

extension JobProgress.Failure {
    /// Reads a job's detail: `error_code`, `error_message` and, inside `error_context`, anything.
    ///
    /// The detail is open JSON, so nothing in it is required: what has another form is shown as it
    /// is.
    init(detail: JSONValue) {
        guard case .object(var members) = detail else {
            self.init(message: detail.summary, facts: [], stackTrace: [])
            return
        }
        let message = members.removeValue(forKey: "error_message")?.summary
        var facts: [Fact] = []
        if let code = members.removeValue(forKey: "error_code") {
            facts.append(Fact(name: "error_code", value: code.summary))
        }
        var stackTrace: [String] = []
        if case .object(var context)? = members["error_context"] {
            members.removeValue(forKey: "error_context")
            if case .array(let frames)? = context["stack_trace"] {
                context.removeValue(forKey: "stack_trace")
                stackTrace = frames.map(\.summary)
            }
            members.merge(context) { outer, _ in outer }
        }
        facts += members.sorted { $0.key < $1.key }.map {
            Fact(name: $0.key, value: $0.value.summary)
        }
        self.init(
            message: message ?? "the job failed without a message",
            facts: facts,
            stackTrace: stackTrace
        )
    }
}
