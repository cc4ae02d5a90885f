import NIOCore
import TestSupport
import Testing

@testable import ProgressRPC

/// Gives the same numbers for the same seed.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Every outcome is right, but for a trap and a machine that goes on after an error.
@Suite("Hostile bytes and the state machines")
struct HostileBytesTests {
    static let agreement = Agreement(
        version: 1,
        features: [.lz4, .clock, .scope],
        peerReceiveByteCount: 1 << 20,
        callsInFlight: 4
    )

    static let calls = Dictionary(
        uniqueKeysWithValues: (1...255).map { (CallID(rawValue: $0), String?.some("call")) }
    )

    static let terms = CallAdmission.Terms(
        role: .trusted,
        epoch: 7,
        standardTimeout: .seconds(10),
        receiveByteCount: Limits.serverReceiveByteCount
    )

    /// What a server makes of bytes, with the admission of every call.
    ///
    /// - Returns: How many frames it took and how many calls it has.
    static func serve(
        _ bytes: ByteBuffer,
        from state: consuming ServerConnectionState<CallID>
    ) -> (frames: Int, calls: Int) {
        var state = state
        var decoder = FrameDecoder(receiveByteCount: Limits.serverReceiveByteCount)
        decoder.append(bytes)
        let policy = HandshakePolicy(features: [.lz4, .clock, .scope], clockID: [1])
        var frames = 0
        do throws(WireError) {
            while let frame = try decoder.next() {
                frames += 1
                let action = state.frameReceived(frame, policy: policy) { call, agreement in
                    _ = CallAdmission(
                        call,
                        agreement,
                        Self.terms,
                        arrival: .uptimeNanoseconds(5),
                        now: .uptimeNanoseconds(6)
                    )
                    return call.id
                }
                switch action {
                case .fail, .refuseConnection: return (frames, state.connectionClosed().count)
                default: break
                }
            }
        } catch {
            _ = state.wireErrorFound(error)
        }
        return (frames, state.connectionClosed().count)
    }

    /// What a client makes of bytes, with the decoding of every answer.
    static func call(
        _ bytes: ByteBuffer,
        from state: consuming ClientConnectionState<String>
    ) -> Int {
        var state = state
        var decoder = FrameDecoder(receiveByteCount: Limits.clientReceiveByteCount)
        decoder.append(bytes)
        var frames = 0
        while let frame = try? decoder.next() {
            frames += 1
            switch state.frameReceived(frame, offered: [.lz4, .clock]) {
            case .complete(_, let header, let payload, _):
                if header.flags.contains(.lz4) {
                    _ = try? Compression.decompress(payload.body, limit: 1 << 16)
                }
                _ = try? PBError(decoding: payload.body)
            case .fail, .refused: return frames
            default: break
            }
        }
        return frames
    }

    static func bytes(_ numbers: inout SeededNumbers) -> ByteBuffer {
        let count = Int.random(in: 0...96, using: &numbers)
        var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        // Half of them look like frames, so that the rules behind the header are reached too.
        if numbers.next() & 1 == 0, count >= FrameHeader.byteCount {
            bytes[0] = UInt8(count - FrameHeader.byteCount)
            bytes.replaceSubrange(1..<4, with: [0, 0, 0])
            bytes[4] =
                [1, 2, 3, 4, 5, 0x10, 0x11, 0x12, 0x13, 0x14].randomElement(using: &numbers) ?? 1
            bytes[5] &= [0, 1, 5].randomElement(using: &numbers) ?? 0
            bytes.replaceSubrange(9..<16, with: [UInt8](repeating: 0, count: 7))
        }
        return ByteBuffer(bytes: bytes)
    }

    @Test("Random bytes never trap and never start more calls than allowed", arguments: [1, 2, 3])
    func randomBytes(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var frames = 0
        for _ in 0..<2_000 {
            let bytes = Self.bytes(&numbers)
            frames += Self.serve(bytes, from: .awaitingHello).frames
            let open = Self.serve(bytes, from: .open(Self.agreement, calls: [:]))
            #expect(open.calls <= Self.agreement.callsInFlight)
            frames += open.frames
            frames += Self.call(bytes, from: .awaitingWelcome)
            frames += Self.call(
                bytes,
                from: .open(
                    Self.agreement,
                    calls: Self.calls,
                    lastID: 255
                )
            )
        }
        #expect(frames > 2_000, "the bytes reach the machines")
    }

    @Test("No flipped bit of a vector traps either machine")
    func flippedBits() throws {
        var count = 0
        for vector in FrameVector.all {
            let bytes = try #require(ProtocolVectors.bytes(vector.hex))
            // Of a long payload the first bytes are enough: the rest is filling.
            for index in 0..<min(bytes.count, 48) {
                for bit in 0..<8 {
                    var changed = bytes
                    changed[index] ^= 1 << UInt8(bit)
                    let buffer = ByteBuffer(bytes: changed)
                    _ = Self.serve(buffer, from: .awaitingHello)
                    _ = Self.serve(buffer, from: .open(Self.agreement, calls: [:]))
                    _ = Self.call(buffer, from: .awaitingWelcome)
                    let id = CallID(rawValue: 1)
                    _ = Self.call(
                        buffer,
                        from: .open(Self.agreement, calls: [id: .some("call")], lastID: 1)
                    )
                    count += 1
                }
            }
        }
        #expect(count > 20_000)
    }
}
