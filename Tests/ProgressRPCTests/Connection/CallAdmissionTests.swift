import NIOCore
import SwiftProtobuf
import Testing

@testable import ProgressRPC

@Suite("What keeps a call from its handler: protocol/SPEC.md, 5.9, 5.10, 6, 9 and 10.3")
struct CallAdmissionTests {
    static let arrival = NIODeadline.uptimeNanoseconds(1_000_000_000)

    static func admit(
        method: Method = .getJobProgress,
        role: PeerRole = .trusted,
        features: Features = [.clock],
        flags: FrameFlags = [],
        timeout: UInt32 = 1_000_000,
        meta: PBRequestMeta = PBRequestMeta(),
        rawMeta: ByteBuffer? = nil,
        body: ByteBuffer = ByteBuffer(),
        now: NIODeadline = CallAdmissionTests.arrival
    ) throws -> CallAdmission {
        let meta = try rawMeta ?? meta.encoded()
        let payload = try RequestPayload(
            decoding: Frames.requestPayload(timeout: timeout, meta: meta, body: body)
        )
        let call = IncomingCall(
            id: CallID(rawValue: 1),
            method: method,
            flags: flags,
            payload: payload
        )
        let agreement = Agreement(
            version: 1,
            features: features,
            peerReceiveByteCount: 1_024,
            callsInFlight: 1
        )
        let terms = CallAdmission.Terms(
            role: role,
            epoch: 42,
            standardTimeout: .seconds(3),
            receiveByteCount: 65_536
        )
        return CallAdmission(call, agreement, terms, arrival: Self.arrival, now: now)
    }

    @Test("The deadline counts from arrival, or from the sender's clock with CLOCK")
    func deadline() throws {
        #expect(try Self.admit().deadline == Self.arrival + .seconds(1))
        #expect(try Self.admit(timeout: 0).deadline == Self.arrival + .seconds(3))
        let sent = PBRequestMeta.with { $0.sentAtNs = 900_000_000 }
        #expect(try Self.admit(meta: sent).deadline == .uptimeNanoseconds(1_900_000_000))
        #expect(try Self.admit(features: [], meta: sent).deadline == Self.arrival + .seconds(1))
        let future = PBRequestMeta.with { $0.sentAtNs = .max }
        #expect(try Self.admit(meta: future).deadline == Self.arrival + .seconds(1))
    }

    @Test("A call whose time is over is not started")
    func late() throws {
        let admission = try Self.admit(timeout: 5, now: Self.arrival + .microseconds(5))
        #expect(admission.rejection?.code == .deadlineExceeded)
        #expect(admission.rejection?.isNotProcessed == true)
        #expect(try Self.admit(timeout: 6, now: Self.arrival + .microseconds(5)).rejection == nil)
    }

    @Test("Meta that is no message is refused")
    func badMeta() throws {
        let admission = try Self.admit(rawMeta: ByteBuffer(bytes: [0xFF, 0xFF]))
        #expect(admission.rejection?.code == .badMessage)
    }

    @Test("Another epoch is refused, the same one and none are not")
    func epoch() throws {
        func code(_ epoch: UInt64) throws -> RPCError.Code? {
            try Self.admit(meta: .with { $0.requireEpoch = epoch }).rejection?.code
        }
        #expect(try code(0) == nil)
        #expect(try code(42) == nil)
        #expect(try code(43) == .failedPrecondition)
    }

    @Test("An observer asks how the server is, not what it knows", arguments: Method.all)
    func observer(method: Method) throws {
        let mayCall = [Method.describe, .health, .stats].contains(method)
        let code = try Self.admit(method: method, role: .observer).rejection?.code
        #expect(code == (mayCall ? nil : .permissionDenied))
        #expect(try Self.admit(method: method, role: .trusted).rejection == nil)
        #expect(try Self.admit(method: method, role: .gateway).rejection == nil)
    }

    @Test("A trusted peer that agreed on SCOPE is held to it")
    func scopeAgreed() throws {
        #expect(try Self.admit(features: [.scope]).role == .gateway)
        #expect(try Self.admit().role == .trusted)
        #expect(try Self.admit(role: .observer, features: [.scope]).role == .observer)
    }

    @Test("A compressed body is opened, a broken one refused")
    func compressed() throws {
        let raw = ByteBuffer(repeating: 3, count: 5_000)
        var block = ByteBuffer()
        #expect(Compression.compress(raw, into: &block))
        let good = try Self.admit(features: [.lz4], flags: .lz4, body: block)
        #expect(good.rejection == nil)
        #expect(good.body == raw)
        let bad = try Self.admit(features: [.lz4], flags: .lz4, body: ByteBuffer(bytes: [1, 2]))
        #expect(bad.rejection?.code == .badCompression)
    }
}

@Suite("Answers on the wire")
struct ResponseEncodingTests {
    static func write(
        _ outcome: CallOutcome,
        limit: Int = 1_024,
        compresses: Bool = false
    ) throws -> (Frame, RPCError.Code) {
        let encoding = ResponseEncoding(
            peerReceiveByteCount: limit,
            mayCompress: compresses,
            compressionByteCount: 100
        )
        var output = ByteBuffer()
        let code = encoding.write(
            outcome,
            CallID(rawValue: 8),
            serverMicroseconds: 5,
            into: &output
        )
        var decoder = FrameDecoder(receiveByteCount: 1 << 20)
        decoder.append(output)
        let frame = try #require(try decoder.next())
        return (frame, code)
    }

    @Test("NOT_MODIFIED is 20 bytes")
    func notModified() throws {
        let (frame, code) = try Self.write(.notModified)
        #expect(code.rawValue == 32)
        #expect(frame.header.code == 32)
        #expect(FrameHeader.byteCount + frame.payload.readableBytes == 20)
    }

    @Test("A body that just fits is sent; one byte more becomes MESSAGE_TOO_LARGE")
    func limit() throws {
        let (fits, _) = try Self.write(.success(ByteBuffer(repeating: 1, count: 1_020)))
        #expect(fits.header.code == 0)
        #expect(fits.header.length == 1_024)
        let (large, code) = try Self.write(.success(ByteBuffer(repeating: 1, count: 1_021)))
        #expect(code == .messageTooLarge)
        let payload = try ResponsePayload(decoding: large.payload)
        let error = try PBError(decoding: payload.body)
        #expect(error.details == ["needed": "1025", "limit": "1024"])
    }

    @Test("An error's text is cut at a character, and an error always fits")
    func longText() throws {
        let long = String(repeating: "é", count: 2_000)
        let (frame, _) = try Self.write(.failure(RPCError(.internalError, long)), limit: 4_096)
        let error = try PBError(decoding: try ResponsePayload(decoding: frame.payload).body)
        #expect(error.message == String(repeating: "é", count: 512))
        let (small, code) = try Self.write(.failure(RPCError(.internalError, long)), limit: 1_024)
        #expect(code == .internalError)
        #expect(small.payload.readableBytes <= 1_024)
    }

    @Test("Flags say whether the call was processed and may be sent again")
    func flags() throws {
        let plain = try Self.write(.failure(RPCError(.internalError, "x"))).0
        #expect(plain.header.flags == [])
        let both = RPCError(.unavailable, "x", retryAfter: .seconds(1), isNotProcessed: true)
        let (frame, _) = try Self.write(.failure(both))
        #expect(frame.header.flags == [.notProcessed, .retryable])
    }

    @Test("A body is compressed from the threshold on, if the call asked")
    func compression() throws {
        let body = ByteBuffer(repeating: 1, count: 100)
        #expect(try Self.write(.success(body), compresses: true).0.header.flags == .lz4)
        #expect(try Self.write(.success(body)).0.header.flags == [])
        let small = ByteBuffer(repeating: 1, count: 99)
        #expect(try Self.write(.success(small), compresses: true).0.header.flags == [])
    }
}

@Suite("Waiting and counting")
struct BackoffAndStatisticsTests {
    @Test("Delays double up to the longest, cut by at most a half")
    func backoff() {
        var backoff = ReconnectBackoff(shortest: .milliseconds(10), longest: .milliseconds(100))
        let full = (0..<6).map { _ in backoff.attemptFailed(random: 0) }
        #expect(full == [10, 20, 40, 80, 100, 100].map { TimeAmount.milliseconds($0) })
        #expect(backoff.attemptFailed(random: 1) == .milliseconds(50))
        backoff.attemptSucceeded()
        #expect(backoff.attemptFailed(random: 0) == .milliseconds(10))
        var endless = ReconnectBackoff(shortest: .hours(1), longest: .hours(2))
        for _ in 0..<100 { #expect(endless.attemptFailed(random: 0.5) <= .hours(2)) }
    }

    @Test("Latencies fall into powers of two")
    func buckets() {
        let expected: [(UInt32, Int)] = [
            (0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (1_023, 9), (1_024, 10), (.max, 31),
        ]
        for (microseconds, bucket) in expected {
            #expect(CallStatistics.bucket(microseconds) == bucket)
        }
    }

    @Test("Calls are counted by method and code; unknown methods count as one")
    func counts() {
        var statistics = CallStatistics()
        statistics.inFlightCount = 3
        statistics.record(.echo, .ok, microseconds: 5)
        statistics.record(Method(rawValue: 999), .unimplemented, microseconds: 1)
        let response = statistics.response
        #expect(response.callsInFlight == 1)
        #expect(response.methods.map(\.method) == [0, 4])
        #expect(response.methods[1].calls == [0: 1])
        #expect(response.methods[1].latencyLog2[2] == 1)
    }
}
