import HTTPTypes
import Testing

@testable import ProgressGateway

struct RequestFieldTests {
    @Test(
        "A usable request id is taken over",
        arguments: ["a", "A-z_0.9", String(repeating: "x", count: 64)]
    )
    func usableID(_ text: String) {
        #expect(RequestID(of: [RequestID.fieldName: text]).description == text)
    }

    @Test(
        "Any other is replaced by 16 hexadecimal digits",
        arguments: ["", " ", "a b", "a\"", "é", "a/b", String(repeating: "x", count: 65)]
    )
    func unusableID(_ text: String) {
        let id = RequestID(of: [RequestID.fieldName: text]).description
        #expect(id != text)
        #expect(id.utf8.count == 16)
        #expect(id.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
    }

    @Test func idsThatAreDrawnDiffer() {
        #expect(Set((0..<100).map { _ in RequestID().description }).count == 100)
    }

    @Test func aTraceParentOfVersionZeroIsTaken() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        #expect(TraceParent(text)?.text == text)
    }

    @Test(
        "Any other traceparent is left out",
        arguments: [
            "", "00", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        ]
    )
    func otherTraceParent(_ text: String) {
        #expect(TraceParent(text) == nil)
    }

    @Test(
        "A segment is decoded once",
        arguments: [
            ("42", "42"), ("4%32", "42"), ("%34%32", "42"), ("4%2532", "4%32"), ("%", "%"),
            ("%4", "%4"), ("%zz", "%zz"), ("%2f", "/"), ("%2F", "/"), ("a%20b", "a b"), ("+", "+"),
        ]
    )
    func percentDecoding(_ segment: String, _ decoded: String) {
        #expect(PercentDecoding.decode(segment.utf8) == Array(decoded.utf8))
    }

    @Test func aGateLetsInAsManyAsItsLimit() {
        let gate = RequestGate(limit: 2)
        #expect(gate.enter())
        #expect(gate.enter())
        #expect(!gate.enter())
        gate.leave()
        #expect(gate.enter())
        #expect(!gate.enter())
    }
}
