import Testing

@testable import ProgressChain

struct FileSizeTests {
    @Test func anUnknownSizeCountsAsNothing() throws {
        #expect(try FileSize(objectSize: nil) == .zero)
        #expect(try FileSize(objectSize: 0) == .zero)
        #expect(try FileSize(objectSize: .max).byteCount == .max)
    }

    @Test(arguments: [-1, Int64.min]) func aNegativeSizeIsRefused(_ size: Int64) {
        #expect(throws: FileRowError.negativeSize(size)) { try FileSize(objectSize: size) }
    }
}
