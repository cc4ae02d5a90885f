import Testing

@testable import ProgressChain

struct PackedSegmentTests {
    private static let times: [(UInt64, UInt32)] = [
        (0, 0), (1, 999_999_999), (FileTime.lastSecond, 999_999_999), (FileTime.lastSecond, 0),
    ]

    @Test func aFileIs112BytesWithItsID() {
        let byteCount = MemoryLayout<PackedSegment>.stride + MemoryLayout<FileID>.stride
        #expect(byteCount == 112)
    }

    @Test("Every value comes back at its limits", arguments: times)
    func limits(_ seconds: UInt64, _ nanoseconds: UInt32) throws {
        let ones = BlockHash(words: .max, .max, .max, .max)
        for previousHash in [nil, .zero, ones] as [BlockHash?] {
            for (index, number) in [(UInt16.max, UInt64.max), (0, 0), (4095, 1)] {
                let segment = Segment(
                    id: FileID(rawValue: .min),
                    size: try FileSize(objectSize: .max),
                    lastModified: FileTime(seconds: seconds, nanoseconds: nanoseconds),
                    range: BlockRange(
                        network: Network(index: index),
                        start: number,
                        end: .max - number,
                        hash: ones,
                        previousHash: previousHash
                    )
                )
                for version in [0, 1, UInt32.max] {
                    let version = RowVersion(rawValue: version)
                    var file = try #require(PackedSegment(segment, version: version))
                    #expect(!file.isCanonical)
                    file.isCanonical = true
                    #expect(file.isCanonical)
                    #expect(file.segment(id: segment.id) == segment)
                    #expect(file.version == version)
                    file.isCanonical = false
                    #expect(!file.isCanonical)
                    #expect(file.segment(id: segment.id) == segment)
                }
            }
        }
    }

    @Test func onlyAFileOfOneRangeIsPacked() throws {
        for text in ["{}", "{0-1;0-1}"] {
            let segment = try SegmentNotation().segment(text, id: 1)
            #expect(PackedSegment(segment, version: RowVersion(rawValue: 1)) == nil)
        }
    }

    @Test func filesFollowAsRangesLink() {
        var followCount = 0
        for seed in UInt64(0)..<40 {
            var random = RandomFiles(seed: seed, names: NetworkNames())
            // Without a file of two networks there would be none of another network.
            let files = random.files(upTo: 40, rangeCounts: [1, 1, 1, 2])
            for tail in files {
                for next in files {
                    guard let packed = PackedSegment(tail, version: RowVersion(rawValue: 0)),
                        let packedNext = PackedSegment(next, version: RowVersion(rawValue: 0))
                    else { continue }
                    let follows = packedNext.follows(ChainTail(packed))
                    #expect(follows == tail.links(to: next))
                    followCount += follows ? 1 : 0
                }
            }
        }
        #expect(followCount > 100, "too few links to mean anything")
    }

    @Test func anUnknownParentIsNotTheHashOfZeros() throws {
        let network = try #require(NetworkNames().network(named: "a"))
        let tail = ChainTail(hash: .zero, end: 4, network: network)
        for (previousHash, follows) in [(nil, false), (.zero, true)] as [(BlockHash?, Bool)] {
            let segment = Segment(
                id: FileID(rawValue: 1),
                size: .zero,
                lastModified: .epoch,
                range: BlockRange(
                    network: network,
                    start: 5,
                    end: 5,
                    hash: .zero,
                    previousHash: previousHash
                )
            )
            let file = try #require(PackedSegment(segment, version: RowVersion(rawValue: .max)))
            #expect(file.follows(tail) == follows)
        }
    }
}
