/// A `traceparent` of W3C Trace Context, version 00, passed on to the server as it came.
struct TraceParent: Equatable, Sendable {
    let text: String

    /// - Returns: `nil` unless `text` is `00-<32 hex>-<16 hex>-<2 hex>` in lower case with ids that
    ///   are not zero.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 32, 16, 2],
            parts.joined().allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }),
            parts[0].elementsEqual("00".utf8),
            !parts[1].allSatisfy({ $0 == 0x30 }), !parts[2].allSatisfy({ $0 == 0x30 })
        else { return nil }
        self.text = text
    }
}
