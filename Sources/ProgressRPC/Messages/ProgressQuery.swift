public import NIOCore

/// A GetJobProgressRequest as a server reads it: the message's fields without its allocations.
public struct ProgressQuery: Equatable, Sendable {
    /// What a caller says that it holds.
    public enum KnownVersion: Equatable, Sendable {
        /// Nothing.
        case none
        /// An answer of this version.
        case version(AnswerVersion)
        /// Bytes that are no version of ours, and so name no answer.
        case foreign
    }

    /// As it came: 0 or below if the caller errs.
    public var jobID: Int64
    /// Which answer the caller holds.
    public var knownVersion: KnownVersion
    /// How much older than the call the answer may be, in milliseconds; 0: current.
    public var maxStaleness: UInt32
    /// How long to wait for another version than the known one, in milliseconds; 0: not at all.
    public var wait: UInt32
    /// Which view, as it came.
    public var view: UInt32

    /// Creates a query; by default one for the current answer at once.
    public init(
        jobID: Int64,
        knownVersion: KnownVersion = .none,
        maxStaleness: UInt32 = 0,
        wait: UInt32 = 0,
        view: UInt32 = 0
    ) {
        self.jobID = jobID
        self.knownVersion = knownVersion
        self.maxStaleness = maxStaleness
        self.wait = wait
        self.view = view
    }

    /// Decodes the message, with the result that its generated type has.
    ///
    /// - Throws: ``RPCError`` with code `badMessage`.
    public init(decoding buffer: ByteBuffer) throws(RPCError) {
        self.init(jobID: 0)
        do throws(FieldCursor.Malformed) {
            try self.read(buffer.readableBytesUInt8Span)
        } catch {
            throw .notDecodable(buffer, as: PBGetJobProgressRequest.self)
        }
    }

    private mutating func read(_ bytes: Span<UInt8>) throws(FieldCursor.Malformed) {
        var cursor = FieldCursor()
        while let tag = try cursor.nextTag(in: bytes) {
            switch (tag.number, tag.wireType) {
            case (1, .varint): self.jobID = Int64(bitPattern: try cursor.varint(in: bytes))
            case (2, .lengthDelimited):
                let range = try cursor.byteRange(in: bytes)
                self.knownVersion =
                    switch range.count {
                    case 0: .none
                    case AnswerVersion.byteCount:
                        .version(AnswerVersion(bytes, from: range.lowerBound))
                    default: .foreign
                    }
            case (3, .varint):
                self.maxStaleness = UInt32(truncatingIfNeeded: try cursor.varint(in: bytes))
            case (4, .varint):
                self.wait = UInt32(truncatingIfNeeded: try cursor.varint(in: bytes))
            case (5, .varint):
                self.view = UInt32(truncatingIfNeeded: try cursor.varint(in: bytes))
            default: try cursor.skip(tag, in: bytes)
            }
        }
    }
}
