import NIOCore

/// Ignorable frames that debug builds send, so that nobody depends on their absence;
/// `protocol/SPEC.md`, section 13.
enum Grease {
    /// Appends an ignorable frame of a random type; nothing in a release build.
    static func write(into buffer: inout ByteBuffer) {
        #if DEBUG
            let type = FrameType(rawValue: .random(in: 0xC0...0xFF))
            let flags = FrameFlags(rawValue: .random(in: 0...0xFF))
            let id = CallID(rawValue: .random(in: 0 ... .max))
            buffer.writeFrame(FrameHeader(type, flags: flags, code: 7, callID: id)) {
                $0.writeRepeatingByte(0xA5, count: .random(in: 0...64))
            }
        #endif
    }
}
