/// The one sequence of files that a table consists of, by Amp's rules.
///
/// The segments are sorted by start, the newest first among equals. The first seeds the chain; then
/// one forward pass appends every segment that links to the tail, and leaves out every other. The
/// pass neither stops at a segment that does not link nor goes back, so a newer, shorter file can
/// make the chain shorter. Follows Amp's `segments.rs`; ties, undefined there, are broken by the
/// higher file id, so the chain does not depend on the order of the input. O(n log n).
package struct CanonicalChain: Equatable, Sendable {
    /// The files of the chain, in order; at least one.
    package let segments: [Segment]
    /// All other files: replaced by compaction or reorganisation, or not linked yet.
    ///
    /// They are in no order that means anything, but the same set of files gives the same order.
    package let rest: [Segment]

    /// Finds the chain of a table's files, each with an id of its own; `nil` if no file has a range.
    package init?(of files: [Segment]) {
        let order = ChainOrder(files)
        guard let seed = order.seed else { return nil }
        var chain = [files[seed]]
        var rest: [Segment] = []
        var tail = seed
        for place in order.places where place != seed {
            if files[tail].links(to: files[place]) {
                chain.append(files[place])
                tail = place
            } else {
                rest.append(files[place])
            }
        }
        self.segments = chain
        self.rest = rest + files.filter { $0.ranges.isEmpty }.sorted { $0.id < $1.id }
    }

    /// The last file of the chain.
    var tail: Segment { self.segments[self.segments.count - 1] }
}
