import NIOCore

/// How a call ended.
enum CallOutcome: Sendable {
    case success(ByteBuffer)
    case notModified
    case failure(RPCError)

    /// The status of the call.
    var code: RPCError.Code {
        switch self {
        case .success: .ok
        case .notModified: .notModified
        case .failure(let error): error.code
        }
    }
}

/// How a call's outcome becomes a RESPONSE.
struct ResponseEncoding: Sendable {
    /// Largest payload that the client takes, in bytes.
    var peerReceiveByteCount: Int
    /// Whether the body may be compressed.
    var mayCompress: Bool
    /// Smallest body that is compressed, in bytes.
    var compressionByteCount: Int

    /// Appends the RESPONSE of a call; an outcome that is too large is replaced by
    /// `messageTooLarge`.
    ///
    /// - Returns: The status that was sent.
    func write(
        _ outcome: CallOutcome,
        _ id: CallID,
        flags: FrameFlags = [],
        serverMicroseconds: UInt32,
        into output: inout ByteBuffer
    ) -> RPCError.Code {
        switch outcome {
        case .success(let body):
            let needed = ResponsePayload.prefixByteCount + body.readableBytes
            var header = FrameHeader(.response, flags: flags, callID: id)
            if self.mayCompress, body.readableBytes >= self.compressionByteCount {
                var block = ByteBuffer()
                if Compression.compress(body, into: &block),
                    block.readableBytes + ResponsePayload.prefixByteCount
                        <= self.peerReceiveByteCount,
                    body.readableBytes <= self.peerReceiveByteCount
                {
                    header.flags.insert(.lz4)
                    Self.write(header, block, serverMicroseconds, into: &output)
                    return .ok
                }
            }
            guard needed <= self.peerReceiveByteCount else {
                return self.write(
                    .failure(self.tooLarge(needed)),
                    id,
                    serverMicroseconds: serverMicroseconds,
                    into: &output
                )
            }
            Self.write(header, body, serverMicroseconds, into: &output)
            return .ok
        case .notModified:
            let code = RPCError.Code.notModified
            let header = FrameHeader(.response, flags: flags, code: code.rawValue, callID: id)
            Self.write(header, ByteBuffer(), serverMicroseconds, into: &output)
            return code
        case .failure(let error):
            var flags = flags
            if error.isNotProcessed { flags.insert(.notProcessed) }
            if error.retryAfter != nil { flags.insert(.retryable) }
            let header = FrameHeader(
                .response,
                flags: flags,
                code: error.code.rawValue,
                callID: id
            )
            let body = Self.body(of: error, limit: self.peerReceiveByteCount)
            Self.write(header, body, serverMicroseconds, into: &output)
            return error.code
        }
    }

    private func tooLarge(_ needed: Int) -> RPCError {
        RPCError(
            .messageTooLarge,
            "the answer has \(needed) bytes; this client takes \(self.peerReceiveByteCount)",
            details: ["needed": "\(needed)", "limit": "\(self.peerReceiveByteCount)"]
        )
    }

    /// An error's message; without its details and text if even an error would be too large.
    private static func body(of error: RPCError, limit: Int) -> ByteBuffer {
        let full = (try? PBError(error).encoded()) ?? ByteBuffer()
        guard full.readableBytes + ResponsePayload.prefixByteCount > limit else { return full }
        let short = RPCError(error.code, "", reason: error.reason)
        return (try? PBError(short).encoded()) ?? ByteBuffer()
    }

    private static func write(
        _ header: FrameHeader,
        _ body: ByteBuffer,
        _ serverMicroseconds: UInt32,
        into output: inout ByteBuffer
    ) {
        output.writeFrame(header) { payload in
            payload.writeInteger(serverMicroseconds, endianness: .little)
            payload.writeImmutableBuffer(body)
        }
    }
}
