import NIOCore
import Testing

@testable import ProgressServer

@Suite("Answers for many scopes of one job")
struct ScopeLimitTests {
    @Test func thoseThatAreDroppedAtTheLimitAreWithdrawn() throws {
        let job = try #require(JobID(rawValue: 1))
        var cache = ProgressCache()
        cache.planned([job], [:])
        for index in 0..<ProgressCache.scopeLimit {
            Self.examine(&cache, job, index)
        }
        #expect(cache.takeNews().withdrawn.isEmpty)
        Self.examine(&cache, job, ProgressCache.scopeLimit)
        let news = cache.takeNews()
        // Else whoever may take an older answer would be given one that nobody keeps current.
        #expect(news.withdrawn.count == ProgressCache.scopeLimit)
        #expect(news.renewed.count == 1)
    }

    private static func examine(_ cache: inout ProgressCache, _ job: JobID, _ index: Int) {
        let scope = AnswerScope(.datasets("eth/\(index)"))
        _ = cache.examine(job, scope) { _, _ in
            HeldAnswer(result: .success(ByteBuffer()), version: nil, stamp: 0)
        }
    }
}
