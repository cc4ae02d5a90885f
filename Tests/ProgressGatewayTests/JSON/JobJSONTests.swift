import NIOCore
import ProgressJSON
import ProgressRPC
import Testing

struct JobJSONTests {
    @Test func aJobHasItsMembersInAmpsOrderAndItsDescriptorAsItIs() {
        #expect(String(buffer: JobJSON.encode(.sample())) == PBJob.sampleJSON())
    }

    @Test func aJobWithoutDescriptorHasNull() {
        #expect(
            String(buffer: JobJSON.encode(.sample(.max, descriptor: nil)))
                == PBJob.sampleJSON(.max, descriptor: "null")
        )
    }

    @Test func textIsEscaped() {
        var job = PBJob.sample()
        job.nodeID = "a\"\n"
        job.status = "\\"
        let text = String(buffer: JobJSON.encode(job))
        #expect(text.contains(#""node_id":"a\"\n","status":"\\","#))
    }

    @Test(
        "A page names the next one if there is one",
        arguments: [
            ([], nil, #"{"jobs":[]}"#),
            ([43, 42], nil, #"{"jobs":[43,42]}"#),
            ([42], 42, #"{"jobs":[42],"next_cursor":42}"#),
        ] as [([Int64], Int64?, String)]
    )
    func page(ids: [Int64], next: Int64?, expected: String) {
        let text = String(buffer: JobJSON.encode(ids.map { .sample($0) }, nextCursor: next))
        let brief = ids.reduce(text) { text, id in
            text.replacing(PBJob.sampleJSON(id), with: "\(id)")
        }
        #expect(brief == expected)
    }

    @Test func eventsOfAListHaveNoDetail() {
        let events: [PBJobEvent] = [.sample(7, detail: "{}"), .sample(8)]
        let origin =
            #","created_at":"2026-03-13T09:30:00.000001+00:00","node_id":"worker-1","#
            + #""event_type":"SCHEDULED"}"#
        #expect(
            String(buffer: JobEventJSON.encode(events, of: 42, nextCursor: nil))
                == #"{"job_id":42,"events":[{"id":7\#(origin),{"id":8\#(origin)]}"#
        )
        #expect(
            String(buffer: JobEventJSON.encode([], of: 42, nextCursor: 9))
                == #"{"job_id":42,"events":[],"next_cursor":9}"#
        )
    }

    @Test(
        "An event has a detail only if there is one",
        arguments: [(nil, ""), (#"{"a": 1.0}"#, #","detail":{"a": 1.0}"#)]
            as [(String?, String)]
    )
    func event(detail: String?, member: String) {
        #expect(
            String(buffer: JobEventJSON.encode(.sample(7, detail: detail), of: 42))
                == #"{"id":7,"job_id":42,"created_at":"2026-03-13T09:30:00.000001+00:00","#
                + #""node_id":"worker-1","event_type":"SCHEDULED"\#(member)}"#
        )
    }

    @Test func aPrincipalHasItsScopesAndItsEnd() {
        #expect(
            String(buffer: PrincipalJSON.encode(label: "anon", scopes: [], expiry: nil))
                == #"{"principal":"anon","scopes":[],"expires_at":null}"#
        )
        #expect(
            String(buffer: PrincipalJSON.encode(label: "t", scopes: ["a", "b"], expiry: 0))
                == #"{"principal":"t","scopes":["a","b"],"#
                + #""expires_at":"1970-01-01T00:00:00+00:00"}"#
        )
    }
}
