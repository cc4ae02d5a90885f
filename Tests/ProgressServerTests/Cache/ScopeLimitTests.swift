import NIOCore
import Testing

@testable import ProgressServer

@Suite("Answers for many scopes of one job")
struct ScopeLimitTests {
    @Test func oneIsDroppedForEachBeyondTheLimitAndWatchersAreLeftInPeace() throws {
        let job = try #require(JobID(rawValue: 1))
        var cache = ProgressCache()
        cache.planned([job], [:])
        for index in 0..<ProgressCache.scopeLimit { Self.examine(&cache, job, index) }
        let first = cache.takeNews()
        #expect(first.withdrawn.isEmpty && first.dropped.isEmpty)
        Self.examine(&cache, job, ProgressCache.scopeLimit)
        let news = cache.takeNews()
        // Whoever may take an older answer learns that nobody keeps it current, and nobody else does.
        #expect(news.dropped.count == 1 && news.withdrawn.isEmpty)
        #expect(news.renewed.count == 1)
        #expect(cache.jobs[job]?.answers.count == ProgressCache.scopeLimit)
    }

    @Test func oneThatIsDroppedInTheRoundThatMadeItDoesNotStand() throws {
        let job = try #require(JobID(rawValue: 1))
        var cache = ProgressCache()
        cache.planned([job], [:])
        for index in 0..<(2 * ProgressCache.scopeLimit) { Self.examine(&cache, job, index) }
        let news = cache.takeNews()
        #expect(news.renewed.count == ProgressCache.scopeLimit)
        #expect(news.dropped.isDisjoint(with: news.renewed.keys))
    }

    private static func examine(_ cache: inout ProgressCache, _ job: JobID, _ index: Int) {
        let scope = AnswerScope(.datasets("eth/\(index)"))
        _ = cache.examine(job, scope) { _, _ in
            HeldAnswer(result: .success(ByteBuffer()), version: nil, stamp: 0)
        }
    }
}
