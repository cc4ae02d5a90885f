import FoundationEssentials
import NIOCore
import SwiftProtobuf

/// One connection of a client: performs what ``ClientConnectionState`` decides.
///
/// Lives on the client's event loop. Requests of one turn of the loop leave in one write.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let core: ClientCore
    private let configuration: ProgressClient.Configuration
    private var state = ClientConnectionState<OutgoingCall>.awaitingWelcome
    private var decoder: FrameDecoder
    var output = ConnectionOutput(now: .now())
    var context: ChannelHandlerContext?
    private var isReading = false
    private var isFlushScheduled = false
    var timer: LoopTimer?
    var clock: FrameClock
    /// Whether the server has answered a call here.
    private(set) var hasAnswered = false
    private var isClosing = false
    /// Why the connection ended, if it was not the server's silent doing.
    private var failure: RPCError?

    /// The features that HELLO asks for.
    private var offered: Features {
        self.configuration.requiresScope ? [.lz4, .clock, .scope] : [.lz4, .clock]
    }

    init(core: ClientCore, configuration: ProgressClient.Configuration) {
        self.core = core
        self.configuration = configuration
        self.decoder = FrameDecoder(receiveByteCount: configuration.receiveByteCount)
        self.clock = FrameClock(
            now: .now(),
            handshakeTimeout: Limits.helloTimeout,
            frameTimeout: Limits.frameTimeout
        )
    }

    // MARK: From the channel

    func channelActive(context: ChannelHandlerContext) {
        guard !self.isClosing else { return context.close(promise: nil) }
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        self.timer = LoopTimer(on: context.eventLoop) { bound.value.checkProgress() }
        self.armClock()
        let handshake = Handshake(
            versions: Handshake.supportedVersions,
            features: self.offered,
            receiveByteCount: UInt32(clamping: self.configuration.receiveByteCount)
        )
        let hello = PBHello.with {
            $0.name = self.configuration.name
            $0.version = self.configuration.version
            $0.clockID = .init(HostClock.id)
        }
        let message = (try? hello.encoded()) ?? ByteBuffer()
        self.output.buffer.writeFrame(FrameHeader(.hello)) { payload in
            handshake.encode(into: &payload)
            payload.writeImmutableBuffer(message)
        }
        Grease.write(into: &self.output.buffer)
        self.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.isReading = true
        self.decoder.append(self.unwrapInboundIn(data))
        do throws(WireError) {
            while let frame = try self.decoder.next() {
                self.clock.frameCompleted()
                self.perform(self.state.frameReceived(frame, offered: self.offered))
            }
        } catch {
            self.perform(.fail(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReading = false
        self.flush()
        self.clock.readCompleted(hasPartialFrame: self.decoder.hasPartialFrame, now: .now())
        self.armClock()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        self.isClosing = true
        self.timer?.disarm()
        // Its action holds the connection.
        self.timer = nil
        self.core.connectionEnded(self, lost: self.state.connectionClosed(), self.failure)
    }

    // MARK: From the core

    enum SendResult {
        case sent
        /// Wait until a call has ended.
        case wait
        case useAnother
        case failed(RPCError)
    }

    /// Sends a call, if it may be sent here.
    func send(_ call: OutgoingCall) -> SendResult {
        switch self.state.callRequested(call) {
        case .send(let id, let agreement):
            do throws(RPCError) {
                try call.request.write(id, agreement, now: .now(), into: &self.output.buffer)
            } catch {
                self.state.callDiscarded(id)
                return .failed(error)
            }
            call.sent(on: self, id)
            self.scheduleFlush()
            return .sent
        case .wait: return .wait
        case .useAnother: return .useAnother
        }
    }

    /// Tells the server that nobody waits for a call any more.
    func giveUp(_ id: CallID) {
        switch self.state.callGivenUp(id) {
        case .sendCancel:
            self.output.buffer.writeFrame(FrameHeader(.cancel, callID: id))
            self.scheduleFlush()
        case .close: self.close(nil)
        case .ignore: break
        }
    }

    /// Takes no more calls, and closes when the last has ended.
    func retire() {
        if self.state.drainRequested() { self.close(nil) }
    }

    /// Closes at once.
    func close(_ error: RPCError?) {
        if self.failure == nil { self.failure = error }
        self.isClosing = true
        self.context?.close(promise: nil)
    }

    // MARK: Doing what the state says

    private func perform(_ action: ClientConnectionState<OutgoingCall>.FrameAction) {
        switch action {
        case .opened(let agreement, let welcome):
            self.clock.handshakeMade()
            if self.configuration.requiresScope, !agreement.features.contains(.scope) {
                let text = "the server does not enforce scopes; this client requires it"
                self.close(RPCError(.failedPrecondition, text, isNotProcessed: true))
            } else {
                self.core.connectionOpened(self, welcome)
            }
        case .refused(let error):
            self.close(error)
        case .complete(let call, let header, let payload, let isDrained):
            self.answered()
            self.complete(call, header, payload)
            if isDrained { self.close(nil) }
        case .drop(let isDrained):
            self.answered()
            self.core.placeFreed(on: self)
            if isDrained { self.close(nil) }
        case .pong(let id, let payload):
            self.output.buffer.writeFrame(FrameHeader(.pong, callID: id)) {
                $0.writeImmutableBuffer(payload)
            }
        case .stopSending(let isDrained):
            self.core.connectionDraining(self)
            if isDrained { self.close(nil) }
        case .ignore:
            break
        case .fail(let error):
            self.output.buffer.writeFrame(FrameHeader(.goAway)) { payload in
                payload.writeInteger(UInt32(0), endianness: .little)
                payload.writeString(error.message.prefix(utf8Count: Limits.textByteCount))
            }
            self.flush()
            self.close(RPCError(.badMessage, "the server broke the protocol: \(error.message)"))
        }
    }

    private func complete(_ call: OutgoingCall, _ header: FrameHeader, _ payload: ResponsePayload) {
        let code = RPCError.Code(rawValue: header.code)
        guard code == .ok || code == .notModified else {
            let message = (try? PBError(decoding: payload.body)) ?? PBError()
            let error = RPCError(
                code: header.code,
                message: message,
                isNotProcessed: header.flags.contains(.notProcessed)
            )
            let isRetryable = header.flags.contains(.retryable)
            self.core.callFailed(call, error, isRetryable: isRetryable, on: self)
            return
        }
        var reply = Reply(
            body: payload.body,
            isNotModified: code == .notModified,
            serverTime: .microseconds(Int64(payload.serverMicroseconds))
        )
        if header.flags.contains(.lz4), !reply.isNotModified {
            guard call.request.acceptsLZ4 else {
                self.core.callEnded(
                    call,
                    .failure(RPCError(.badMessage, "the answer is compressed unasked"))
                )
                self.perform(.fail(.protocolError("a compressed body that was not asked for")))
                return
            }
            do throws(WireError) {
                reply.body = try Compression.decompress(
                    payload.body,
                    limit: self.configuration.receiveByteCount
                )
            } catch {
                self.core.callEnded(call, .failure(RPCError(.badCompression, error.message)))
                self.core.placeFreed(on: self)
                return
            }
        }
        self.core.callEnded(call, .success(reply))
        self.core.placeFreed(on: self)
    }

    private func answered() {
        self.hasAnswered = true
        self.core.connectionAnswered()
    }

    private func scheduleFlush() {
        guard !self.isReading, !self.isFlushScheduled, let context = self.context else { return }
        self.isFlushScheduled = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.isFlushScheduled = false
            bound.value.flush()
        }
    }
}
