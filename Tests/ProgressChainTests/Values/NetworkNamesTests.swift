import Testing

@testable import ProgressChain

struct NetworkNamesTests {
    @Test func aNameKeepsItsNetwork() throws {
        let names = NetworkNames()
        let mainnet = try #require(names.network(named: "mainnet"))
        let base = try #require(names.network(named: "base"))
        #expect(mainnet != base)
        #expect(names.network(named: "mainnet") == mainnet)
        #expect(names.name(of: mainnet) == "mainnet")
        #expect(names.name(of: base) == "base")
    }

    @Test func namesAreComparedByteByByte() {
        let names = NetworkNames()
        // The same character, composed and decomposed.
        #expect(names.network(named: "\u{E9}") != names.network(named: "e\u{301}"))
    }

    @Test func anEmptyOrTooLongNameIsRefused() {
        let names = NetworkNames()
        #expect(names.network(named: "") == nil)
        let longest = String(repeating: "n", count: NetworkNames.nameByteLimit)
        #expect(names.network(named: longest) != nil)
        #expect(names.network(named: longest + "n") == nil)
    }

    @Test func oneNameOverTheLimitIsRefusedAndOldOnesStayKnown() throws {
        let names = NetworkNames()
        for index in 0..<NetworkNames.nameLimit {
            let network = try #require(names.network(named: "network-\(index)"))
            #expect(names.name(of: network) == "network-\(index)")
        }
        #expect(names.network(named: "one more") == nil)
        #expect(names.network(named: "network-17") != nil)
    }

    @Test func threadsAgreeOnTheNetworks() async {
        let names = NetworkNames()
        let answers = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<200).map { index in
                        names.network(named: "network-\(index)").map(names.name(of:)) ?? "refused"
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: (0..<200).map { "network-\($0)" }, count: 4))
    }
}
