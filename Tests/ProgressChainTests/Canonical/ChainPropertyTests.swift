import Testing

@testable import ProgressChain

@Suite("Random files, by seed")
struct ChainPropertyTests {
    /// The numbers of ranges that a file may have, in each mix of files.
    static let mixes: [[Int]] = [[1], [2], [1, 1, 1, 2], [0, 1, 1, 2, 3]]

    private static func files(seed: UInt64, mix: [Int]) -> (files: [Segment], RandomFiles) {
        var random = RandomFiles(seed: seed, names: NetworkNames())
        let files = random.files(upTo: 14, rangeCounts: mix)
        return (files, random)
    }

    @Test("Chain and fork are those of the definition", arguments: mixes)
    func definition(_ mix: [Int]) {
        var forkCount = 0
        for seed in UInt64(0)..<250 {
            let (files, _) = Self.files(seed: seed, mix: mix)
            let chain = CanonicalChain(of: files)
            let fork = chain.flatMap(Fork.init(beside:))
            #expect((chain?.segments ?? []) == DirectDefinition.chain(files), "seed \(seed)")
            #expect(fork?.segments == DirectDefinition.fork(files), "seed \(seed)")
            forkCount += fork == nil ? 0 : 1
        }
        #expect(forkCount > 25, "too few forks to mean anything")
    }

    @Test("The order of the files does not matter", arguments: mixes)
    func orderIndependence(_ mix: [Int]) {
        for seed in UInt64(0)..<100 {
            var (files, random) = Self.files(seed: seed, mix: mix)
            let chain = CanonicalChain(of: files)
            let fork = chain.flatMap(Fork.init(beside:))
            let summary = Result { try TableSummary(of: files) }
            for _ in 0..<3 {
                files.shuffle(using: &random.generator)
                let shuffled = CanonicalChain(of: files)
                #expect(shuffled == chain, "seed \(seed)")
                #expect(shuffled.flatMap(Fork.init(beside:)) == fork, "seed \(seed)")
                switch (summary, Result { try TableSummary(of: files) }) {
                case (.success(let first), .success(let second)):
                    #expect(first == second, "seed \(seed)")
                case (.failure(let first), .failure(let second)):
                    #expect(first as? TableError == second as? TableError, "seed \(seed)")
                default:
                    Issue.record("the order of the files decides over success; seed \(seed)")
                }
            }
        }
    }

    @Test func theChainKeepsItsInvariants() throws {
        for seed in UInt64(0)..<300 {
            let (files, _) = Self.files(seed: seed, mix: [1])
            guard let chain = CanonicalChain(of: files) else {
                #expect(files.isEmpty, "seed \(seed)")
                continue
            }
            #expect(Set(chain.segments + chain.rest) == Set(files), "seed \(seed)")
            #expect(chain.segments.count + chain.rest.count == files.count, "seed \(seed)")
            let first = chain.segments[0]
            let lowest = try #require(files.map(\.ranges[0].start).min())
            #expect(first.ranges[0].start == lowest, "seed \(seed)")
            for file in files where file.ranges[0].start == lowest {
                #expect(first.lastModified >= file.lastModified, "seed \(seed)")
            }
            for (segment, next) in zip(chain.segments, chain.segments.dropFirst()) {
                #expect(segment.links(to: next), "seed \(seed)")
            }
            // A file that links to the tail would have been appended, had it come later.
            let tail = chain.tail
            for file in chain.rest where tail.links(to: file) {
                #expect(DirectDefinition.competes(file, before: tail), "seed \(seed)")
            }
        }
    }

    @Test func theForkKeepsItsInvariants() {
        for seed in UInt64(0)..<300 {
            let (files, _) = Self.files(seed: seed, mix: [1])
            guard let chain = CanonicalChain(of: files), let fork = Fork(beside: chain) else {
                continue
            }
            let canonicalEnd = chain.tail.ranges[0].end
            #expect(fork.segments[0].ranges[0].start <= canonicalEnd + 1, "seed \(seed)")
            let last = fork.segments[fork.segments.count - 1]
            #expect(last.ranges[0].end > canonicalEnd, "seed \(seed)")
            for (segment, next) in zip(fork.segments, fork.segments.dropFirst()) {
                #expect(segment.links(to: next), "seed \(seed)")
            }
            #expect(Set(fork.segments).isSubset(of: chain.rest), "seed \(seed)")
        }
    }

    @Test func missingBlocksAreThoseOfTheDefinition() throws {
        for seed in UInt64(0)..<300 {
            var (files, random) = Self.files(seed: seed, mix: [1])
            let start = UInt64.random(in: 0...12, using: &random.generator)
            let wanted = start...start + UInt64.random(in: 0...12, using: &random.generator)
            let ranges = try MissingRanges(of: wanted, in: files).ranges
            #expect(
                ranges.flatMap(Array.init) == DirectDefinition.missingBlocks(wanted, files),
                "seed \(seed)"
            )
            for (range, next) in zip(ranges, ranges.dropFirst()) {
                #expect(range.upperBound + 1 < next.lowerBound, "seed \(seed)")
            }
        }
    }
}
