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
    private var output = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var isReading = false
    private var isFlushScheduled = false
    private var timer: LoopTimer?
    private var partialFrameSince: NIODeadline?
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
    }

    // MARK: From the channel

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        self.timer = LoopTimer(on: context.eventLoop) { bound.value.checkProgress() }
        self.partialFrameSince = .now()
        self.timer?.arm(at: .now() + Limits.helloTimeout)
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
        self.output.writeFrame(FrameHeader(.hello)) { payload in
            handshake.encode(into: &payload)
            payload.writeImmutableBuffer(message)
        }
        Grease.write(into: &self.output)
        self.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.isReading = true
        self.decoder.append(self.unwrapInboundIn(data))
        do throws(WireError) {
            while let frame = try self.decoder.next() {
                self.partialFrameSince = nil
                self.perform(self.state.frameReceived(frame, offered: self.offered))
            }
        } catch {
            self.perform(.fail(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReading = false
        self.flush()
        if self.decoder.hasPartialFrame, self.partialFrameSince == nil {
            let now = NIODeadline.now()
            self.partialFrameSince = now
            self.timer?.arm(at: now + Limits.frameTimeout)
        } else if !self.decoder.hasPartialFrame {
            self.partialFrameSince = nil
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        self.timer?.disarm()
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
                try call.request.write(id, agreement, now: .now(), into: &self.output)
            } catch {
                self.state.callDiscarded(id)
                return .failed(error)
            }
            call.place = .inFlight(self, id)
            call.attemptCount += 1
            self.scheduleFlush()
            return .sent
        case .wait: return .wait
        case .useAnother: return .useAnother
        }
    }

    /// Tells the server that nobody waits for a call any more.
    func giveUp(_ id: CallID) {
        guard self.state.callGivenUp(id) else { return }
        self.output.writeFrame(FrameHeader(.cancel, callID: id))
        self.scheduleFlush()
    }

    /// Closes at once.
    func close(_ error: RPCError?) {
        if self.failure == nil { self.failure = error }
        self.context?.close(promise: nil)
    }

    // MARK: Doing what the state says

    private func perform(_ action: ClientConnectionState<OutgoingCall>.FrameAction) {
        switch action {
        case .opened(let agreement, let welcome):
            if self.configuration.requiresScope, !agreement.features.contains(.scope) {
                let text = "the server does not enforce scopes; this client requires it"
                self.close(RPCError(.failedPrecondition, text, isNotProcessed: true))
            } else {
                self.core.connectionOpened(self, welcome)
            }
        case .refused(let error):
            self.close(error)
        case .complete(let call, let header, let payload, let isDrained):
            self.complete(call, header, payload)
            if isDrained { self.close(nil) }
        case .drop(let isDrained):
            self.core.placeFreed(on: self)
            if isDrained { self.close(nil) }
        case .pong(let id, let payload):
            self.output.writeFrame(FrameHeader(.pong, callID: id)) {
                $0.writeImmutableBuffer(payload)
            }
        case .stopSending(let isDrained):
            self.core.connectionDraining(self)
            if isDrained { self.close(nil) }
        case .ignore:
            break
        case .fail(let error):
            self.output.writeFrame(FrameHeader(.goAway)) { payload in
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
            self.core.callFailed(call, error, mayRetry: header.flags.contains(.retryable), on: self)
            return
        }
        var reply = Reply(
            body: payload.body,
            isNotModified: code == .notModified,
            serverTime: .microseconds(Int64(payload.serverMicroseconds))
        )
        if header.flags.contains(.lz4) {
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

    private func scheduleFlush() {
        guard !self.isReading, !self.isFlushScheduled, let context = self.context else { return }
        self.isFlushScheduled = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.isFlushScheduled = false
            bound.value.flush()
        }
    }

    private func flush() {
        guard let context = self.context, self.output.readableBytes > 0 else { return }
        context.writeAndFlush(NIOAny(self.output), promise: nil)
        self.output.clear()
    }

    /// Closes a connection whose frame, or WELCOME, does not complete in time.
    private func checkProgress() {
        guard let since = self.partialFrameSince else { return }
        let isWelcomed = self.core.isOpen(self)
        let end = since + (isWelcomed ? Limits.frameTimeout : Limits.helloTimeout)
        if NIODeadline.now() < end {
            self.timer?.arm(at: end)
        } else {
            self.close(RPCError(.unavailable, "the server did not complete a frame in time"))
        }
    }
}
