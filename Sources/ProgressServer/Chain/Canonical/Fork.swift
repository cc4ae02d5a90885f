/// A sequence of linked files beside the canonical chain that reaches beyond its end.
///
/// Amp prefers it when it looks for missing ranges; progress does not, and does not compute it.
/// A candidate is the file of the rest with the highest end, the newest among equals. From it a walk
/// goes back through the lower ends and takes each file that links to the head so far, until one
/// ends in the same blocks as a canonical file. The fork stands if its head starts at most one block
/// after the canonical end, on every network; otherwise the next candidate is tried, while
/// candidates end after the canonical chain. Follows Amp's `segments.rs`; equal ends and times,
/// undefined there, are broken by the higher file id.
///
/// O(n log n) for files of one range: where a walk ends depends only on its head's place, so no step
/// is made twice. For files of several ranges a step is linear in the number of files of the rest
/// that have all their hashes in common.
package struct Fork: Equatable, Sendable {
    /// The files of the fork, in order of their blocks; at least one.
    package let segments: [Segment]

    /// Finds the fork beside a chain; `nil` if there is none.
    package init?(beside chain: CanonicalChain) {
        let links = ForkLinks(chain)
        // For each place, the head of the walk that begins there; filled by increasing place.
        var heads: [Int] = []
        heads.reserveCapacity(links.rest.count)
        for place in links.rest.indices {
            heads.append(links.predecessors[place].map { heads[$0] } ?? place)
        }
        let tail = chain.tail
        for candidate in links.rest.indices.reversed() {
            guard ForkLinks.endsAfter(links.rest[candidate], tail) else { return nil }
            guard Self.joins(links.rest[heads[candidate]], tail) else { continue }
            var segments: [Segment] = []
            var place: Int? = candidate
            while let current = place {
                segments.append(links.rest[current])
                place = links.predecessors[current]
            }
            segments.reverse()
            self.segments = segments
            return
        }
        return nil
    }

    /// Whether `head` starts, on every network, at most one block after the end of `tail`, and says which
    /// block is before it: without that nothing tells that it is another branch.
    private static func joins(_ head: Segment, _ tail: Segment) -> Bool {
        zip(head.ranges, tail.ranges).allSatisfy { head, tail in
            // Not `tail.end + 1`, which may not exist.
            head.previousHash != nil && (head.start == 0 || head.start - 1 <= tail.end)
        }
    }
}
