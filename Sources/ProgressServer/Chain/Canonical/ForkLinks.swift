/// The files beside a chain in the order of their ends, and which of them a walk back goes to next.
struct ForkLinks {
    /// The files beside the chain that have ranges: by end, oldest first among equals.
    let rest: [Segment]
    /// For each place in ``rest``, the place of the file that a walk takes next, always a lower one;
    /// `nil` where the walk ends.
    let predecessors: [Int?]

    /// The hash in which a file ends, or that it names as its parent, on each of its networks.
    private struct Link: Hashable {
        var network: Network
        var hash: BlockHash
    }

    /// The block in which a file ends, on each of its networks.
    private struct End: Hashable {
        var number: UInt64
        var hash: BlockHash
    }

    init(_ chain: CanonicalChain) {
        let rest = chain.rest.filter { !$0.ranges.isEmpty }.sorted(by: Self.isBefore)
        let canonicalEnds = Set(chain.segments.map { $0.ranges.map(Self.end) })
        var placesByHash: [[Link]: [Int]] = [:]
        for place in rest.indices {
            placesByHash[rest[place].ranges.map(Self.link), default: []].append(place)
        }
        self.rest = rest
        self.predecessors = rest.indices.map { place in
            guard let parents = Self.parents(of: rest[place]),
                let places = placesByHash[parents],
                let before = Self.last(of: places, before: place, in: rest),
                !canonicalEnds.contains(rest[before].ranges.map(Self.end))
            else { return nil }
            return before
        }
    }

    /// Whether `lhs` ends after `rhs`: the first difference over the positions that both have decides.
    static func endsAfter(_ lhs: Segment, _ rhs: Segment) -> Bool {
        for (left, right) in zip(lhs.ranges, rhs.ranges) where left.end != right.end {
            return left.end > right.end
        }
        return false
    }

    /// By end, then fewer ranges first, then oldest first, then by id.
    private static func isBefore(_ lhs: Segment, _ rhs: Segment) -> Bool {
        for (left, right) in zip(lhs.ranges, rhs.ranges) where left.end != right.end {
            return left.end < right.end
        }
        if lhs.ranges.count != rhs.ranges.count { return lhs.ranges.count < rhs.ranges.count }
        if lhs.lastModified != rhs.lastModified { return lhs.lastModified < rhs.lastModified }
        return lhs.id < rhs.id
    }

    /// The last of `places` that is before `place` and whose segment links to the one there.
    ///
    /// The segments at `places` have the hashes that the one at `place` names, in order of their ends.
    private static func last(of places: [Int], before place: Int, in rest: [Segment]) -> Int? {
        let start = rest[place].ranges[0].start
        // Being before `place` and ending before its first block both hold for a prefix of `places`.
        var low = 0
        var high = places.count
        while low < high {
            let middle = low + (high - low) / 2
            if places[middle] < place, rest[places[middle]].ranges[0].end < start {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return places[..<low].last { rest[$0].links(to: rest[place]) }
    }

    /// The hashes that a file must end in to link to `segment`; `nil` if one is not known.
    private static func parents(of segment: Segment) -> [Link]? {
        var parents: [Link] = []
        for range in segment.ranges {
            guard let hash = range.previousHash else { return nil }
            parents.append(Link(network: range.network, hash: hash))
        }
        return parents
    }

    private static func link(of range: BlockRange) -> Link {
        Link(network: range.network, hash: range.hash)
    }

    private static func end(of range: BlockRange) -> End {
        End(number: range.end, hash: range.hash)
    }
}
