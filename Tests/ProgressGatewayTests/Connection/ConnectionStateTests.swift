import Testing

@testable import ProgressGateway

struct ConnectionStateTests {
    private static let refusal = HTTPFailure.requestTimeout

    @Test func requestsPassAndTheirAnswersLeaveTheConnectionOpen() {
        var state = ConnectionState.initial
        #expect(state.headReceived(isLast: false) == .forward)
        #expect(state.headReceived(isLast: false) == .forward)
        #expect(!state.isAnswerLast)
        #expect(state.answerEnded() == .proceed)
        #expect(state.answerEnded() == .proceed)
        #expect(state == .initial)
    }

    @Test func nothingPassesAfterTheLastRequest() {
        var state = ConnectionState.initial
        #expect(state.headReceived(isLast: false) == .forward)
        #expect(state.headReceived(isLast: true) == .forward)
        #expect(state.headReceived(isLast: false) == .ignore)
        #expect(state.requestRefused(Self.refusal) == .ignore)
        #expect(!state.isAnswerLast)
        #expect(state.answerEnded() == .proceed)
        #expect(state.isAnswerLast)
        #expect(state.answerEnded() == .close)
        #expect(state == .closing)
    }

    @Test func aRefusalWaitsForTheAnswersBeforeIt() {
        var state = ConnectionState.initial
        #expect(state.headReceived(isLast: false) == .forward)
        #expect(state.headReceived(isLast: false) == .forward)
        #expect(state.requestRefused(Self.refusal) == .ignore)
        #expect(state.requestRefused(.notFound) == .ignore)
        #expect(state.headReceived(isLast: false) == .ignore)
        #expect(state.answerEnded() == .proceed)
        #expect(state.answerEnded() == .refuse(Self.refusal))
        #expect(state == .closing)
    }

    @Test func aRefusalWithNothingInFlightIsAtOnceAndTheLast() {
        var state = ConnectionState.initial
        #expect(state.requestRefused(Self.refusal) == .refuse(Self.refusal))
        #expect(state.requestRefused(Self.refusal) == .ignore)
        #expect(state.headReceived(isLast: false) == .ignore)
        #expect(state.answerEnded() == .proceed)
        #expect(state == .closing)
    }

    @Test func aDrainMakesTheRequestsInFlightTheLast() {
        var state = ConnectionState.initial
        state.drainStarted()
        #expect(state == .initial)
        #expect(state.headReceived(isLast: false) == .forward)
        state.drainStarted()
        #expect(state.isAnswerLast)
        #expect(state.headReceived(isLast: false) == .ignore)
        #expect(state.answerEnded() == .close)
        state.drainStarted()
        #expect(state == .closing)
    }
}
