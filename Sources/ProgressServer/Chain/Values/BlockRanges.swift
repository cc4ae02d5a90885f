/// The block ranges of one file: an array that keeps a single range inline, without an allocation.
package struct BlockRanges: Hashable, Sendable {
    private enum Storage: Hashable, Sendable {
        case one(BlockRange)
        /// Any number of ranges but one.
        case several([BlockRange])
    }

    private var storage: Storage

    /// Creates a list without ranges.
    package init() {
        self.storage = .several([])
    }

    /// Creates a list of one range, without an allocation.
    package init(only range: BlockRange) {
        self.storage = .one(range)
    }

    package init(_ ranges: [BlockRange]) {
        self.storage = ranges.count == 1 ? .one(ranges[0]) : .several(ranges)
    }

    /// The range, if there is exactly one.
    package var only: BlockRange? {
        switch self.storage {
        case .one(let range): range
        case .several: nil
        }
    }

    package mutating func append(_ range: BlockRange) {
        switch self.storage {
        case .one(let first):
            self.storage = .several([first, range])
        case .several(var ranges):
            if ranges.isEmpty {
                self.storage = .one(range)
            } else {
                // Drops the other reference to the array, so that it grows in place.
                self.storage = .several([])
                ranges.append(range)
                self.storage = .several(ranges)
            }
        }
    }
}

extension BlockRanges: RandomAccessCollection {
    package var startIndex: Int { 0 }

    package var endIndex: Int {
        switch self.storage {
        case .one: 1
        case .several(let ranges): ranges.count
        }
    }

    package subscript(position: Int) -> BlockRange {
        switch self.storage {
        case .one(let range):
            precondition(position == 0, "there is one range, and none at \(position)")
            return range
        case .several(let ranges):
            return ranges[position]
        }
    }
}
