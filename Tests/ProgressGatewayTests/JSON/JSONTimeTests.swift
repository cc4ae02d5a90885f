import NIOCore
import ProgressJSON
import Testing

struct JSONTimeTests {
    private static func text(_ microseconds: Int64) -> String {
        var buffer = ByteBuffer()
        buffer.writeJSON(microseconds: microseconds)
        return String(buffer: buffer)
    }

    @Test(
        "A moment has the fewest digits that are exact",
        arguments: [
            (0, "1970-01-01T00:00:00+00:00"), (1, "1970-01-01T00:00:00.000001+00:00"),
            (1_000, "1970-01-01T00:00:00.001+00:00"), (-1, "1969-12-31T23:59:59.999999+00:00"),
            (-1_000, "1969-12-31T23:59:59.999+00:00"),
            (1_773_394_200_120_000, "2026-03-13T09:30:00.120+00:00"),
            (1_773_394_200_120_450, "2026-03-13T09:30:00.120450+00:00"),
            (951_782_399_000_000, "2000-02-28T23:59:59+00:00"),
            (951_782_400_000_000, "2000-02-29T00:00:00+00:00"),
            (951_868_800_000_000, "2000-03-01T00:00:00+00:00"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00+00:00"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999999+00:00"),
            (253_402_300_799_000_000, "9999-12-31T23:59:59+00:00"),
            (253_402_300_800_000_000, "+10000-01-01T00:00:00+00:00"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00+00:00"),
            (-62_167_219_200_000_001, "-0001-12-31T23:59:59.999999+00:00"),
            (.max, "+294247-01-10T04:00:54.775807+00:00"),
            (.min, "-290308-12-21T19:59:05.224192+00:00"),
        ] as [(Int64, String)]
    )
    func moment(microseconds: Int64, expected: String) {
        #expect(Self.text(microseconds) == "\"\(expected)\"")
    }

    /// The first and the last day of each month of 400 years, after which the calendar repeats.
    @Test func monthsFollowEachOther() {
        let lengths: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let digits = { (value: Int64) in value < 10 ? "0\(value)" : "\(value)" }
        var day: Int64 = 0
        for year in Int64(1970)..<2370 {
            let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for month in Int64(1)...12 {
                let length = month == 2 && isLeapYear ? 29 : lengths[Int(month) - 1]
                for (offset, name) in [(0, "01"), (length - 1, "\(length)")] {
                    #expect(
                        Self.text((day + offset) * 86_400_000_000)
                            == "\"\(year)-\(digits(month))-\(name)T00:00:00+00:00\""
                    )
                }
                day += length
            }
        }
        #expect(day == 146_097)
    }
}
