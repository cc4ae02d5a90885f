import Testing

@testable import ProgressServer

struct FailureDetailTests {
    @Test(arguments: [
        (#"{"error_code":"E","error_message":"m"}"#, #"{"error_code":"E","error_message":"m"}"#),
        (
            #"{"error_context":{"error_code":"no","x":["}",1]},"error_message":"a\"},b","z":1}"#,
            #"{"error_message":"a\"},b"}"#
        ),
        (#"{"z":-1.5e3,"error_code":"E"}"#, #"{"error_code":"E"}"#),
        (#"{"error_code":{"secret":1},"error_message":["secret"]}"#, "{}"),
        (#"{"error_code":7,"error_message":null}"#, "{}"),
        ("{}", "{}"),
    ])
    func onlyTextOfCodeAndMessageIsKept(_ detail: (full: String, kept: String)) {
        #expect(FailureDetail.redacted(detail.full) == detail.kept)
    }

    @Test(arguments: [#""text""#, "[1]", "7", "null", "true", ""])
    func whatIsNoObjectIsDropped(_ detail: String) {
        #expect(FailureDetail.redacted(detail) == nil)
    }

    @Test("A text that ends anywhere is no crash")
    func everyPrefixIsSafe() {
        let detail = #"{"a":{"b":["c\"",{}]},"error_code":"E","error_message":"m\\"}"#
        for count in 0...detail.utf8.count {
            let prefix = String(decoding: detail.utf8.prefix(count), as: UTF8.self)
            #expect(FailureDetail.redacted(prefix) == nil || prefix.first == "{")
        }
    }
}
