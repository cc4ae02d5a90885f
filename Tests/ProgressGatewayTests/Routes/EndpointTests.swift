import Testing

@testable import ProgressGateway

struct EndpointTests {
    @Test func everyEndpointIsReachedByItsTemplate() {
        for endpoint in Endpoint.allCases {
            let match = Endpoint.match(target: endpoint.template.replacing("{id}", with: "7"))
            #expect(match?.endpoint == endpoint)
        }
    }

    @Test func theParameterIsHandedOverAsItCame() {
        #expect(
            Endpoint.match(target: "/jobs/4%32/progress?x=/y")
                == Endpoint.Match(
                    endpoint: .jobProgress,
                    parameter: Array("4%32".utf8),
                    query: RequestQuery("x=/y".utf8)
                )
        )
    }

    @Test(
        "A path must fit exactly",
        arguments: ["", "/", "jobs/1/progress", "/jobs/1/progress/", "/healthz/", "/healthz%20"]
    )
    func noMatch(_ target: String) {
        #expect(Endpoint.match(target: target) == nil)
    }

    @Test(
        "Only a request about one job that asks to wait may wait",
        arguments: [
            ("/jobs/1/progress", false), ("/jobs/1/progress?wait=1", true),
            ("/jobs/1/progress?a=wait", false), ("/jobs/1/progress?x&%77ait", true),
            ("/jobs/progress?wait=1", false), ("/healthz?wait=1", false),
        ]
    )
    func mayWait(target: String, mayWait: Bool) {
        #expect(Endpoint.match(target: target)?.mayWait == mayWait)
    }

    @Test func healthAloneIsPublic() {
        #expect(Endpoint.allCases.filter(\.isPublic) == [.health])
    }
}
