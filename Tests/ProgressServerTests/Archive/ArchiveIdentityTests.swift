import Testing

@testable import ProgressServer

@Suite("An archive is of one life of one database")
struct ArchiveIdentityTests {
    static let base = ArchiveFixture.identity

    static func changed(_ change: (inout ArchiveIdentity) -> Void) -> ArchiveIdentity {
        var identity = Self.base
        change(&identity)
        return identity
    }

    @Test(
        "Another system, database or start is another life",
        arguments: [
            Self.changed { $0.systemIdentifier += 1 },
            Self.changed { $0.database = "Amp" },
            Self.changed { $0.postmasterStartTime += 1 },
            Self.changed { $0.statisticsStartTime -= 1 },
            Self.changed { $0.xmax -= 1 },
            Self.changed { $0.xmax += ArchiveIdentity.transactionLimit + 1 },
            Self.changed { $0.xmax = .max },
        ]
    )
    func foreign(present: ArchiveIdentity) throws {
        let fixture = try ArchiveFixture()
        try fixture.write([])
        let problem = try #require(fixture.problem(for: present))
        #expect(problem.code == .foreign)
        #expect(problem.description.hasPrefix("the archive is of "))
    }

    @Test(
        "Up to 2^31 transactions later it is the same",
        arguments: [0, 1, ArchiveIdentity.transactionLimit]
    )
    func later(distance: UInt64) throws {
        let fixture = try ArchiveFixture()
        try fixture.write([])
        #expect(fixture.problem(for: Self.changed { $0.xmax += distance }) == nil)
    }
}
