import FoundationEssentials

/// What the two ends of a connection agreed on.
struct Agreement: Equatable, Sendable {
    var version: UInt16
    var features: Features
    /// Largest payload that the peer takes, in bytes.
    var peerReceiveByteCount: Int
    /// Most calls in flight.
    var callsInFlight: Int
}

/// How a server answers a HELLO; `protocol/SPEC.md`, section 4.
struct HandshakePolicy: Sendable {
    var features: Features
    var receiveByteCount = Limits.serverReceiveByteCount
    var callsInFlight = Limits.callsInFlight
    /// Identifies the host's monotonic clock; empty: CLOCK is not offered.
    var clockID: [UInt8]

    /// The agreement with a client.
    ///
    /// - Throws: ``RPCError``, the refusal: `unimplemented` without a common version, `badMessage`
    ///   for a `max_recv` below the limit.
    func agreement(with hello: Handshake, clockID: [UInt8]) throws(RPCError) -> Agreement {
        let ours = Handshake.supportedVersions
        guard hello.versions.overlaps(ours) else {
            throw RPCError(
                .unimplemented,
                "the client speaks versions \(hello.versions.lowerBound) to "
                    + "\(hello.versions.upperBound); the server speaks "
                    + "\(ours.lowerBound) to \(ours.upperBound)"
            )
        }
        guard hello.receiveByteCount >= Limits.smallestReceiveByteCount else {
            throw RPCError(
                .badMessage,
                "max_recv is \(hello.receiveByteCount); it must be at least "
                    + "\(Limits.smallestReceiveByteCount)"
            )
        }
        var features = hello.features.intersection(self.features)
        if self.clockID.isEmpty || self.clockID != clockID { features.remove(.clock) }
        return Agreement(
            version: hello.versions.clamped(to: ours).upperBound,
            features: features,
            peerReceiveByteCount: min(
                Int(hello.receiveByteCount),
                Limits.payloadByteCountEnd - 1
            ),
            callsInFlight: self.callsInFlight
        )
    }

    /// The agreement with a client whose HELLO is `frame`.
    func agreement(with frame: Frame) throws(RPCError) -> Agreement {
        var payload = frame.payload
        let handshake: Handshake
        do throws(WireError) {
            try frame.header.checkFields()
            handshake = try Handshake(decoding: &payload)
        } catch {
            throw RPCError(.badMessage, error.message)
        }
        let hello = try PBHello(decoding: payload)
        return try self.agreement(with: handshake, clockID: Array(hello.clockID))
    }
}
