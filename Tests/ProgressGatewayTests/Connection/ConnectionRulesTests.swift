import Foundation
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ProgressGateway

/// ``ConnectionRules`` behind the parser, with a clock that the test moves.
struct ConnectionRulesTests {
    private static func channel(_ log: LogCapture = LogCapture()) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        let rules = ConnectionRules(
            limits: GatewayLimits(),
            accessLog: AccessLog(lines: log.lines, level: .info)
        )
        try channel.pipeline.syncOperations.addHandlers([
            HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder()), rules,
        ])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    private static func output(of channel: EmbeddedChannel) throws -> String {
        var text = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) {
            text += String(buffer: part)
        }
        return text
    }

    private static func answer(_ channel: EmbeddedChannel) throws {
        let head = HTTPResponseHead(
            version: .http1_1,
            status: .ok,
            headers: ["content-length": "0"]
        )
        try channel.writeOutbound(HTTPServerResponsePart.head(head))
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    @Test func aHeadHasItsTimeAndNoMore() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n"))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(4999))
        #expect(try Self.output(of: channel).isEmpty)
        // A byte more buys no time.
        try channel.writeInbound(ByteBuffer(string: "X"))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(try Self.output(of: channel).hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    }

    @Test func aRefusalHasTheDateAsHTTPWritesIt() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "nonsense\r\n\r\n"))
        let text = try Self.output(of: channel)
        #expect(text.contains(/\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/))
        #expect(HTTPDate.text(of: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(of: 1_709_164_800) == "Thu, 29 Feb 2024 00:00:00 GMT")
    }

    @Test func aConnectionWithoutARequestIsNotTimedOutHere() throws {
        let channel = try Self.channel()
        channel.embeddedEventLoop.advanceTime(by: .seconds(30))
        try channel.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
        try Self.answer(channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(30))
        #expect(try Self.output(of: channel) == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        #expect(channel.isActive)
    }

    @Test func aPeerThatReadsNoAnswersIsCutOff() throws {
        let channel = try Self.channel()
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aPeerThatReadsAgainInTimeStays() throws {
        let channel = try Self.channel()
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(channel.isActive)
    }

    @Test("A body never passes, whole or in pieces", arguments: 1...40)
    func body(pieceByteCount: Int) throws {
        let channel = try Self.channel()
        let text =
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789GET / HTTP/1.1\r\n"
        var rest = ByteBuffer(string: text)
        while let piece = rest.readSlice(length: min(pieceByteCount, rest.readableBytes)),
            piece.readableBytes > 0
        {
            try channel.writeInbound(piece)
        }
        var parts: [HTTPServerRequestPart] = []
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            parts.append(part)
        }
        #expect(parts.count == 2)
        guard case .head(let head) = parts.first, case .end = parts.last else {
            Issue.record("the request did not pass")
            return
        }
        #expect(head.method == .POST)
    }
}
