extension FrameHeader {
    /// Checks the fields against the rules of the frame's type; `protocol/SPEC.md`, section 3.
    ///
    /// - Throws: ``WireError`` with `protocolError` for a flag that the type does not define, a code
    ///   or call ID where there is none, a missing call ID, and a payload of the wrong size.
    func checkFields() throws(WireError) {
        let number = self.type.rawValue
        guard self.flags.isSubset(of: .defined(for: self.type)) else {
            throw .protocolError("frame type \(number) has reserved flags: \(self.flags.rawValue)")
        }
        switch self.type {
        case .hello, .goAway, .welcome:
            guard self.callID == .none else {
                throw .protocolError("frame type \(number) has a call id; it must be 0")
            }
        case .request, .response, .item, .cancel, .credit:
            guard self.callID != .none else {
                throw .protocolError("frame type \(number) has call id 0")
            }
        default: break
        }
        switch self.type {
        case .hello, .ping, .pong, .credit, .item:
            guard self.code == 0 else {
                throw .protocolError("frame type \(number) has code \(self.code); it must be 0")
            }
        default: break
        }
        switch (self.type, self.length) {
        case (.ping, 8), (.pong, 8), (.cancel, 0): break
        case (.ping, _), (.pong, _):
            throw .protocolError("frame type \(number) has \(self.length) payload bytes, not 8")
        case (.cancel, _):
            throw .protocolError("CANCEL has \(self.length) payload bytes, not 0")
        case (.hello, 0..<UInt32(Handshake.byteCount)), (.welcome, 0..<UInt32(Handshake.byteCount)):
            throw .protocolError(
                "handshake has \(self.length) bytes; it begins with \(Handshake.byteCount)"
            )
        case (.goAway, 0..<4):
            throw .protocolError("GOAWAY has \(self.length) payload bytes; it begins with 4")
        default: break
        }
    }
}
