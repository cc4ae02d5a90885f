import Testing

@testable import ProgressChain

struct SegmentRowTests {
    private let names = NetworkNames()

    private func segment(objectSize: Int64?, metadata: String) throws -> Segment {
        let bytes = Array(metadata.utf8)
        return try Segment(
            id: FileID(rawValue: 42),
            objectSize: objectSize,
            metadata: bytes.span,
            names: self.names
        )
    }

    @Test func aRowBecomesASegment() throws {
        let segment = try self.segment(objectSize: 8775, metadata: DocumentText().text)
        #expect(segment.id.rawValue == 42)
        #expect(segment.size.byteCount == 8775)
        #expect(segment.lastModified.seconds == 1_768_220_431)
        #expect(segment.lastModified.nanoseconds == 250_118_734)
        #expect(segment.ranges.only?.end == 21_004_999)
    }

    @Test func aSizeOfNullCountsAsNothing() throws {
        let segment = try self.segment(objectSize: nil, metadata: DocumentText().text)
        #expect(segment.size == .zero)
    }

    @Test func aNegativeSizeIsTheRowsError() {
        #expect(throws: FileRowError.negativeSize(-3)) {
            try self.segment(objectSize: -3, metadata: DocumentText().text)
        }
        #expect(
            FileRowError.negativeSize(-3).description
                == "object_size is -3; it must be 0 or more, or NULL"
        )
    }

    @Test func aBrokenDocumentIsTheRowsError() {
        #expect(
            throws: FileRowError.metadata(
                FileMetadataError(
                    path: "table",
                    found: "missing",
                    allowed: "a string"
                )
            )
        ) {
            try self.segment(objectSize: 1, metadata: "{}")
        }
    }
}
