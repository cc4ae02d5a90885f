@testable import ProgressChain

/// Chain, fork and missing blocks by their definitions, word for word and quadratic.
///
/// Shares no code with what it checks but the fields of a segment.
enum DirectDefinition {
    static func links(_ file: Segment, _ next: Segment) -> Bool {
        if file.ranges.isEmpty || file.ranges.count != next.ranges.count { return false }
        for position in 0..<file.ranges.count {
            let (range, following) = (file.ranges[position], next.ranges[position])
            if range.network != following.network { return false }
            if range.end >= following.start { return false }
            guard let parent = following.previousHash, parent == range.hash else { return false }
        }
        return true
    }

    /// Below 0 if `lhs` is lower at the first position of both that differs.
    private static func compare(_ lhs: [UInt64], _ rhs: [UInt64]) -> Int {
        for (left, right) in zip(lhs, rhs) where left != right { return left < right ? -1 : 1 }
        return 0
    }

    /// Start ascending, then newest first, then highest id first.
    static func competes(_ lhs: Segment, before rhs: Segment) -> Bool {
        let byStart = compare(lhs.ranges.map(\.start), rhs.ranges.map(\.start))
        if byStart != 0 { return byStart < 0 }
        if lhs.lastModified != rhs.lastModified { return lhs.lastModified > rhs.lastModified }
        return lhs.id.rawValue > rhs.id.rawValue
    }

    static func chain(_ files: [Segment]) -> [Segment] {
        // The best file of each number of ranges, then the best of those, fewest ranges first.
        var best: Segment?
        for count in Set(files.map(\.ranges.count)).sorted() where count > 0 {
            let group = files.filter { $0.ranges.count == count }
            for file in group where group.allSatisfy({ $0 == file || competes(file, before: $0) }) {
                if let current = best, !competes(file, before: current) { continue }
                best = file
            }
        }
        guard let seed = best else { return [] }
        var chain = [seed]
        var left = files.filter { $0.ranges.count == seed.ranges.count && $0 != seed }
        while !left.isEmpty {
            var next = left[0]
            for file in left where competes(file, before: next) { next = file }
            left.removeAll { $0 == next }
            if links(chain[chain.count - 1], next) { chain.append(next) }
        }
        return chain
    }

    static func fork(_ files: [Segment]) -> [Segment]? {
        let chain = self.chain(files)
        guard let tail = chain.last else { return nil }
        let tailEnds = tail.ranges.map(\.end)
        var rest = files.filter { !$0.ranges.isEmpty && !chain.contains($0) }
        rest.sort { lhs, rhs in
            let byEnd = compare(lhs.ranges.map(\.end), rhs.ranges.map(\.end))
            if byEnd != 0 { return byEnd < 0 }
            if lhs.ranges.count != rhs.ranges.count { return lhs.ranges.count < rhs.ranges.count }
            if lhs.lastModified != rhs.lastModified { return lhs.lastModified < rhs.lastModified }
            return lhs.id.rawValue < rhs.id.rawValue
        }
        while let candidate = rest.popLast() {
            if compare(candidate.ranges.map(\.end), tailEnds) <= 0 { return nil }
            var fork = [candidate]
            for file in rest.reversed() where links(file, fork[0]) {
                let isCanonicalBlock = chain.contains { canonical in
                    canonical.ranges.map(\.end) == file.ranges.map(\.end)
                        && canonical.ranges.map(\.hash) == file.ranges.map(\.hash)
                }
                if isCanonicalBlock { break }
                fork.insert(file, at: 0)
            }
            let joins = zip(fork[0].ranges, tailEnds).allSatisfy { range, end in
                range.previousHash != nil && (range.start <= end || range.start == end &+ 1)
            }
            if joins { return fork }
        }
        return nil
    }

    /// The missing blocks, one by one; for small numbers only.
    static func missingBlocks(_ wanted: ClosedRange<UInt64>, _ files: [Segment]) -> [UInt64] {
        func holds(_ file: Segment, _ block: UInt64) -> Bool {
            file.ranges[0].start <= block && block <= file.ranges[0].end
        }
        var refetched: ClosedRange<UInt64>?
        if let start = fork(files)?.first?.ranges[0].start, start > 0,
            let holder = chain(files).first(where: { holds($0, start - 1) })
        {
            refetched = holder.ranges[0].start...(start - 1)
        }
        return wanted.filter { block in
            refetched?.contains(block) == true || !files.contains { holds($0, block) }
        }
    }
}
