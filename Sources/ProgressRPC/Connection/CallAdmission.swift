import NIOCore

/// What a server makes of a REQUEST before its handler starts; `protocol/SPEC.md`, 5.9, 5.10, 6.1–6.3,
/// 9 and 10.3.
struct CallAdmission: Sendable {
    var meta: PBRequestMeta
    /// Decompressed.
    var body: ByteBuffer
    var role: PeerRole
    var arrival: NIODeadline
    var deadline: NIODeadline
    /// Why no handler starts; `nil`: one does.
    var rejection: RPCError?

    /// What the rules need to know of the server.
    struct Terms: Sendable {
        var role: PeerRole
        var epoch: UInt64
        var standardTimeout: TimeAmount
        var receiveByteCount: Int
    }

    init(
        _ call: IncomingCall,
        _ agreement: Agreement,
        _ terms: Terms,
        arrival: NIODeadline,
        now: NIODeadline
    ) {
        self.meta = PBRequestMeta()
        self.body = call.payload.body
        self.role =
            terms.role == .trusted && agreement.features.contains(.scope) ? .gateway : terms.role
        self.arrival = arrival
        self.deadline = arrival
        do throws(RPCError) {
            if call.payload.meta.readableBytes > 0 {
                self.meta = try PBRequestMeta(decoding: call.payload.meta)
            }
            self.deadline = CallDeadline.deadline(
                timeoutMicroseconds: call.payload.timeoutMicroseconds,
                sentAtNanoseconds: agreement.features.contains(.clock) ? self.meta.sentAtNs : 0,
                arrival: arrival,
                standard: terms.standardTimeout
            )
            try self.admit(call, terms, now: now)
        } catch {
            var error = error
            error.isNotProcessed = true
            self.rejection = error
        }
    }

    private mutating func admit(
        _ call: IncomingCall,
        _ terms: Terms,
        now: NIODeadline
    ) throws(RPCError) {
        guard self.deadline > now else {
            throw RPCError(.deadlineExceeded, "the time ran out before the call was started")
        }
        guard self.meta.requireEpoch == 0 || self.meta.requireEpoch == terms.epoch else {
            throw RPCError(.failedPrecondition, "the server was started anew since that epoch")
        }
        guard self.role.mayCall(call.method) else {
            throw RPCError(
                .permissionDenied,
                "the role \(self.role.rawValue) may not call \(call.method.name)"
            )
        }
        guard call.flags.contains(.lz4) else { return }
        do throws(WireError) {
            self.body = try Compression.decompress(
                call.payload.body,
                limit: terms.receiveByteCount
            )
        } catch {
            throw RPCError(.badCompression, error.message)
        }
    }
}
