import Foundation
import NIOCore
import Testing

@testable import ProgressRPC

@Suite("Reading a GetJobProgressRequest in place")
struct ProgressQueryTests {
    /// What the generated message makes of the same bytes; `nil`: it refuses them.
    static func expected(_ buffer: ByteBuffer) -> ProgressQuery? {
        guard let message = try? PBGetJobProgressRequest(decoding: buffer) else { return nil }
        var query = ProgressQuery(jobID: message.jobID)
        if let version = AnswerVersion(message.knownVersion) {
            query.knownVersion = .version(version)
        } else if !message.knownVersion.isEmpty {
            query.knownVersion = .foreign
        }
        query.maxStaleness = message.maxStalenessMs
        query.wait = message.waitMs
        query.view = UInt32(truncatingIfNeeded: message.view.rawValue)
        return query
    }

    /// Whether both agree; and whether they took the bytes.
    static func check(_ bytes: [UInt8]) -> Bool {
        // Bytes in front and behind that must not be looked at.
        var buffer = ByteBuffer(bytes: [0x08, 0x01] + bytes + [0x08, 0x02])
        buffer.moveReaderIndex(forwardBy: 2)
        buffer.moveWriterIndex(to: buffer.writerIndex - 2)
        let expected = Self.expected(buffer)
        let found = try? ProgressQuery(decoding: buffer)
        #expect(found == expected, "\(bytes)")
        return found != nil
    }

    @Test("All fields are read", arguments: [0, 1, 15, 16, 17, 300])
    func fields(versionByteCount: Int) throws {
        var message = PBGetJobProgressRequest()
        message.jobID = .max
        message.knownVersion = Data(repeating: 0xA5, count: versionByteCount)
        message.maxStalenessMs = .max
        message.waitMs = 60_000
        message.view = .UNRECOGNIZED(7)
        let query = try ProgressQuery(decoding: try message.encoded())
        #expect(query == Self.expected(try message.encoded()))
        #expect((query.jobID, query.maxStaleness, query.wait) == (.max, .max, 60_000))
    }

    @Test("Bytes that are no message are refused in the words of the message's decoder")
    func refusal() {
        let buffer = ByteBuffer(bytes: [0x08, 0x80])
        #expect(
            throws: RPCError(
                .badMessage,
                "2 bytes are no progress.v1.GetJobProgressRequest message"
            )
        ) {
            try ProgressQuery(decoding: buffer)
        }
    }

    @Test("What one byte more or less decides")
    func edges() {
        let ten = [UInt8](repeating: 0x80, count: 9)
        let groups = { (count: Int) in
            [UInt8](repeating: 0x2B, count: count) + [UInt8](repeating: 0x2C, count: count)
        }
        let cases: [(bytes: [UInt8], isTaken: Bool)] = [
            ([], true), ([0x00], false), ([0x08], false), ([0x0A, 0x01, 0x41], true),
            // Varints of ten and eleven bytes; a tenth byte with bits that do not count.
            ([0x08] + ten + [0x7F], true), ([0x08] + ten + [0x80, 0x00], false),
            // Tags of five bytes at their largest, one past that, and of six.
            ([0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 0x00], true),
            ([0xF8, 0xFF, 0xFF, 0xFF, 0x1F, 0x00], false),
            ([0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01], false),
            // The same six inside a group are taken.
            ([0x2B, 0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01, 0x2C], true),
            (groups(FieldCursor.groupDepth), true), (groups(FieldCursor.groupDepth + 1), false),
            ([0x2B, 0x34], false), ([0x2C], false), ([0x2B], false),
            // A length at the end, one past it, and one that no address holds.
            ([0x12, 0x01, 0x00], true), ([0x12, 0x02, 0x00], false),
            ([0x12] + ten + [0x01], false), ([0x2A] + ten + [0x01], false),
            ([0x2D, 0, 0, 0, 0], true), ([0x2D, 0, 0, 0], false),
            ([0x29, 0, 0, 0, 0, 0, 0, 0, 0], true), ([0x29, 0, 0, 0, 0, 0, 0, 0], false),
        ]
        for (bytes, isTaken) in cases { #expect(Self.check(bytes) == isTaken, "\(bytes)") }
    }

    @Test("Random and mutated messages give what the generated decoder gives", arguments: 0..<4)
    func property(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var taken = 0
        let count = 5_000
        for index in 0..<count {
            var bytes: [UInt8] = []
            if index.isMultiple(of: 4) {
                bytes = (0..<Int.random(in: 0...12, using: &numbers)).map { _ in
                    UInt8.random(in: 0...255, using: &numbers)
                }
            } else {
                for _ in 0..<Int.random(in: 0...5, using: &numbers) {
                    bytes += Self.field(depth: 0, &numbers)
                }
                if index.isMultiple(of: 2) { Self.mutate(&bytes, &numbers) }
            }
            if Self.check(bytes) { taken += 1 }
        }
        // Both sides of the rule were tried.
        #expect(taken > count / 10)
        #expect(taken < count * 9 / 10)
    }

    private static func varint(_ value: UInt64, padding: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        guard padding > 0 else { return bytes + [UInt8(rest)] }
        return bytes + [UInt8(rest) | 0x80] + [UInt8](repeating: 0x80, count: padding - 1) + [0]
    }

    private static func field(depth: Int, _ numbers: inout SeededNumbers) -> [UInt8] {
        let field = [1, 1, 2, 2, 3, 4, 5, 100, 536_870_911].randomElement(using: &numbers) ?? 1
        let usual: UInt64 = field == 2 ? 2 : 0
        let wireType =
            Bool.random(using: &numbers) ? usual : UInt64.random(in: 0...5, using: &numbers)
        let isLong = Int.random(in: 0..<16, using: &numbers) == 0
        let tag = Self.varint(UInt64(field) << 3 | wireType, padding: isLong ? 1 : 0)
        switch wireType {
        case 0:
            let value = UInt64.random(in: 0...(.max), using: &numbers)
            let shift = UInt64.random(in: 0..<64, using: &numbers)
            return tag + Self.varint(value >> shift, padding: isLong ? 2 : 0)
        case 1: return tag + [UInt8](repeating: 7, count: 8)
        case 2:
            let count = [0, 1, 15, 16, 16, 17, 40].randomElement(using: &numbers) ?? 0
            return tag + Self.varint(UInt64(count))
                + (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        case 3:
            let inner = depth < 3 ? Self.field(depth: depth + 1, &numbers) : []
            return tag + inner + Self.varint(UInt64(field) << 3 | 4)
        case 5: return tag + [UInt8](repeating: 7, count: 4)
        default: return tag
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ numbers: inout SeededNumbers) {
        guard let index = bytes.indices.randomElement(using: &numbers) else { return }
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1: bytes.removeSubrange(index...)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &numbers), at: index)
        default: bytes.remove(at: index)
        }
    }
}
