/// The 16 bytes that name an answer, held in place.
public struct AnswerVersion: Hashable, Sendable {
    /// How many bytes a version has.
    public static let byteCount = 16

    private var high: UInt64
    private var low: UInt64

    /// - Returns: `nil` unless there are ``byteCount`` bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        self.low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// - Precondition: There are ``byteCount`` bytes from `start` on.
    package init(_ bytes: Span<UInt8>, from start: Int) {
        self.high = 0
        self.low = 0
        for index in start..<start + 8 {
            self.high = self.high << 8 | UInt64(bytes[index])
            self.low = self.low << 8 | UInt64(bytes[index + 8])
        }
    }
}
