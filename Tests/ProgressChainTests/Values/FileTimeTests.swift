import Testing

@testable import ProgressChain

struct FileTimeTests {
    @Test func timesAreComparedToTheNanosecond() {
        let time = FileTime(seconds: 5, nanoseconds: 1)
        #expect(time > FileTime(seconds: 5, nanoseconds: 0))
        #expect(time < FileTime(seconds: 5, nanoseconds: 2))
        #expect(time < FileTime(seconds: 6, nanoseconds: 0))
        #expect(FileTime(seconds: 4, nanoseconds: 999_999_999) < time)
    }

    @Test func aTimeThatNoCalendarHasIsTheEpoch() {
        #expect(FileTime(seconds: 5, nanoseconds: 999_999_999) != .epoch)
        #expect(FileTime(seconds: 5, nanoseconds: 1_000_000_000) == .epoch)
        #expect(FileTime(seconds: FileTime.lastSecond, nanoseconds: 0) != .epoch)
        #expect(FileTime(seconds: FileTime.lastSecond + 1, nanoseconds: 0) == .epoch)
        #expect(FileTime(seconds: .max, nanoseconds: .max) == .epoch)
    }
}
