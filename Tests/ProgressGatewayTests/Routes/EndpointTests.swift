import Testing

@testable import ProgressGateway

struct EndpointTests {
    @Test func everyEndpointIsReachedByItsTemplate() {
        for endpoint in Endpoint.allCases {
            let target = endpoint.template.replacing(/\{[a-z_]+\}/, with: "7")
            #expect(Endpoint.match(target: target)?.endpoint == endpoint)
        }
    }

    @Test func parametersComeInTheOrderOfThePath() {
        #expect(
            Endpoint.match(target: "/datasets/a%2Fb/c/versions/1.0.0/jobs")
                == Endpoint.Match(
                    endpoint: .datasetJobs,
                    parameters: ["a%2Fb", "c", "1.0.0"].map { Array($0.utf8) }
                )
        )
        #expect(
            Endpoint.match(target: "/jobs/1/events/2")
                == Endpoint.Match(
                    endpoint: .jobEvent,
                    parameters: ["1", "2"].map { Array($0.utf8) }
                )
        )
    }

    @Test func whatTwoTemplatesFitIsTheBatch() {
        #expect(Endpoint.match(target: "/jobs/progress")?.endpoint == .jobProgressBatch)
        #expect(Endpoint.match(target: "/jobs/progress2")?.endpoint == .job)
    }

    @Test func theParameterIsHandedOverAsItCame() {
        #expect(
            Endpoint.match(target: "/jobs/4%32/progress?x=/y")
                == Endpoint.Match(
                    endpoint: .jobProgress,
                    parameters: [Array("4%32".utf8)],
                    query: RequestQuery("x=/y".utf8)
                )
        )
    }

    @Test(
        "A path must fit exactly",
        arguments: [
            "", "//", "jobs/1/progress", "/jobs/1/progress/", "/healthz/", "/healthz%20", "/jobs/",
            "/jobs/1/", "/jobs/1/events/", "/jobs//events/2", "/whoami/", "/datasets/a/b",
            "/datasets//b/versions/dev/jobs", "/datasets/a/b/versions/dev/jobs/",
            "/datasets/a/b/versions/dev/job", "/ui", "/ui/", "/ui/jobs/", "/ui/jobs/1/",
            "/ui/page.js/", "/ui/index.html",
        ]
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

    @Test func healthTheDocumentAndThePageAloneArePublic() {
        #expect(
            Endpoint.allCases.filter(\.isPublic)
                == [.health, .openAPI, .page, .jobPage, .pageStyle, .pageScript]
        )
    }
}
