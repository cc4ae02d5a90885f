import Testing

@testable import ProgressServer

struct LogThrottleTests {
    let start = ContinuousClock.now

    @Test func oneMessageASubjectAndIntervalPassesAndTheOthersAreCounted() {
        var throttle = LogThrottle(interval: .seconds(60))
        #expect(throttle.admit("a", at: self.start) == 0)
        #expect(throttle.admit("b", at: self.start) == 0)
        for second in [0, 1, 59] {
            #expect(throttle.admit("a", at: self.start.advanced(by: .seconds(second))) == nil)
        }
        #expect(throttle.admit("a", at: self.start.advanced(by: .seconds(60))) == 3)
        #expect(throttle.admit("a", at: self.start.advanced(by: .seconds(120))) == 0)
    }

    @Test func oneSubjectTooManyMakesItForgetTheOldest() {
        var throttle = LogThrottle(interval: .seconds(60))
        for number in 0...LogThrottle.subjectLimit {
            let moment = self.start.advanced(by: .microseconds(number))
            #expect(throttle.admit("\(number)", at: moment) == 0)
        }
        #expect(throttle.admit("1", at: self.start.advanced(by: .seconds(1))) == nil)
        #expect(throttle.admit("0", at: self.start.advanced(by: .seconds(1))) == 0)
    }
}
