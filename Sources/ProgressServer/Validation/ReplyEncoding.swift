import FoundationEssentials
import NIOCore
import ProgressRPC
import SwiftProtobuf

/// Puts replies together from parts that are encoded already; a protobuf message may be cut at any
/// field.
enum ReplyEncoding {
    /// Appends the field `version` of a `JobProgress`, to follow all that it stands for.
    static func append(version: [UInt8], to body: inout ByteBuffer) {
        body.writeInteger(UInt8(5 << 3 | 2))
        body.writeVarint(UInt64(version.count))
        body.writeBytes(version)
    }

    /// The field `as_of` of a `JobProgress`, to follow a held answer: a snapshot, the server's epoch,
    /// and the time of day for people.
    static func moment(_ snapshot: Snapshot, epoch: UInt64) -> ByteBuffer {
        let text = snapshot.description
        let microseconds = UInt64(max(0, Date.now.timeIntervalSince1970 * 1e6))
        let textCount = text.utf8.count
        let count =
            1 + ByteBuffer.varintByteCount(UInt64(textCount)) + textCount + 9 + 1
            + ByteBuffer.varintByteCount(microseconds)
        var buffer = ByteBuffer()
        buffer.reserveCapacity(count + 11)
        buffer.writeInteger(UInt8(6 << 3 | 2))
        buffer.writeVarint(UInt64(count))
        buffer.writeInteger(UInt8(1 << 3 | 2))
        buffer.writeVarint(UInt64(textCount))
        buffer.writeString(text)
        buffer.writeInteger(UInt8(2 << 3 | 1))
        buffer.writeInteger(epoch, endianness: .little)
        buffer.writeField(3, varint: microseconds)
        return buffer
    }

    /// One held answer at a moment.
    ///
    /// - Parameter age: How old it is; `nil`: the moment is after the call.
    static func reply(_ body: ByteBuffer, _ moment: ByteBuffer, age: Duration? = nil) -> ByteBuffer
    {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(body.readableBytes + moment.readableBytes + 8)
        buffer.writeImmutableBuffer(body)
        buffer.writeImmutableBuffer(moment)
        if let age { buffer.writeField(7, varint: age.clampedMicroseconds) }
        return buffer
    }

    /// A batch, at a moment encoded by ``moment(_:)``.
    static func batch(
        changed: [ByteBuffer],
        failed: [(JobID, RPCError)],
        _ moment: ByteBuffer,
        age: Duration? = nil
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        for body in changed { buffer.writeField(1, body) }
        for (job, error) in failed {
            let failure = PBJobFailure(jobID: job.rawValue, error)
            if let message = try? failure.encoded() { buffer.writeField(2, message) }
        }
        // The same message as field 6 of a single answer is field 3 here: another tag of one byte.
        var moment = moment
        if moment.readInteger(as: UInt8.self) != nil {
            buffer.writeInteger(UInt8(3 << 3 | 2))
            buffer.writeImmutableBuffer(moment)
        }
        if let age { buffer.writeField(4, varint: age.clampedMicroseconds) }
        return buffer
    }
}

extension ByteBuffer {
    /// Writes a message as a field of number 1 to 15.
    fileprivate mutating func writeField(_ number: UInt8, _ message: ByteBuffer) {
        self.writeInteger(number << 3 | 2)
        self.writeVarint(UInt64(message.readableBytes))
        self.writeImmutableBuffer(message)
    }

    fileprivate mutating func writeField(_ number: UInt8, varint: UInt64) {
        self.writeInteger(number << 3)
        self.writeVarint(varint)
    }

    /// How many bytes ``writeVarint(_:)`` writes.
    fileprivate static func varintByteCount(_ value: UInt64) -> Int {
        max(1, (UInt64.bitWidth - value.leadingZeroBitCount + 6) / 7)
    }

    fileprivate mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.writeInteger(UInt8(truncatingIfNeeded: rest))
    }
}

extension Duration {
    /// Whole microseconds, from 0 to what 32 bits hold.
    fileprivate var clampedMicroseconds: UInt64 {
        let (seconds, attoseconds) = self.components
        guard seconds >= 0, seconds < 4_000 else { return seconds < 0 ? 0 : UInt64(UInt32.max) }
        return UInt64(max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }
}
