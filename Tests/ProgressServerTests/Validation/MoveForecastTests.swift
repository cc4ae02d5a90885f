import Testing

@testable import ProgressServer

@Suite("The forecast whether the database moved")
struct MoveForecastTests {
    @Test func itLearnsForEachLengthOfPauseAndForgivesOneException() {
        var forecast = MoveForecast()
        let (short, long) = (Duration.microseconds(40), Duration.seconds(1))
        #expect(!forecast.expectsMove(after: short) && !forecast.expectsMove(after: long))
        for _ in 1...3 {
            forecast.found(hasMoved: false, after: short)
            forecast.found(hasMoved: true, after: long)
        }
        #expect(!forecast.expectsMove(after: short) && forecast.expectsMove(after: long))
        forecast.found(hasMoved: false, after: long)
        #expect(forecast.expectsMove(after: long))
        forecast.found(hasMoved: false, after: long)
        #expect(!forecast.expectsMove(after: long))
    }

    @Test(arguments: [Duration.seconds(-1), .zero, .seconds(5_000_000)])
    func pausesOfAnyLengthAreCounted(_ pause: Duration) {
        var forecast = MoveForecast()
        for _ in 1...2 { forecast.found(hasMoved: true, after: pause) }
        #expect(forecast.expectsMove(after: pause))
    }
}
