import Testing

@testable import ProgressGateway

struct EntityTagConditionTests {
    private static let one = EntityTag(version: [UInt8](repeating: 0x1A, count: 16))
    private static let two = EntityTag(version: [UInt8](repeating: 0xF0, count: 16))

    @Test func aTagIsTheVersionInHexadecimal() throws {
        let tag = try #require(Self.one)
        #expect(tag.headerValue == "\"" + String(repeating: "1a", count: 16) + "\"")
        #expect(EntityTagCondition(parsing: tag.headerValue) == .tags([tag]))
    }

    @Test("A version of another length has no tag", arguments: [0, 1, 15, 17, 32])
    func otherLength(_ count: Int) {
        #expect(EntityTag(version: [UInt8](repeating: 0, count: count)) == nil)
    }

    @Test func listsAndWeakTagsAreRead() throws {
        let (one, two) = (try #require(Self.one), try #require(Self.two))
        let condition = EntityTagCondition(
            parsing: "\"foreign\",\tW/\(one.headerValue) , ,\(two.headerValue)"
        )
        #expect(condition == .tags([one, two]))
        #expect(condition.knownVersion == one.version)
        #expect(condition.isMet(by: one) && condition.isMet(by: two))
    }

    @Test func theStarIsMetByAnyAnswerAndAsksTheServerForNone() {
        let condition = EntityTagCondition(parsing: "*")
        #expect(condition == .any)
        #expect(condition.knownVersion.isEmpty)
        #expect(condition.isMet(by: nil))
    }

    @Test(
        "What names no tag of ours is no condition",
        arguments: [nil, "", "\"\"", "x", "\"abc", "W/", "\"*\"", ",,,", "**"]
    )
    func noCondition(_ value: String?) throws {
        let condition = EntityTagCondition(parsing: value)
        #expect(condition == .none)
        #expect(condition.knownVersion.isEmpty)
        #expect(!condition.isMet(by: Self.one))
    }

    @Test func noMoreTagsThanTheLimitAreLookedAt() throws {
        let tag = try #require(Self.one)
        let foreign = String(repeating: "\"x\",", count: EntityTagCondition.tagLimit)
        #expect(EntityTagCondition(parsing: foreign + tag.headerValue) == .none)
        #expect(EntityTagCondition(parsing: foreign.dropFirst(4) + tag.headerValue) == .tags([tag]))
    }
}
