import Testing

@testable import ProgressTool

@Suite("Text for people")
struct TextTests {
    @Test(
        "Sizes go in steps of 1,024 with one decimal, from 1 KB on",
        arguments: [
            (0, "0 B"), (1, "1 B"), (1_023, "1023 B"), (1_024, "1.0 KB"), (1_536, "1.5 KB"),
            (1_048_523, "1023.9 KB"), (1_048_576, "1.0 MB"), (1_073_741_824, "1.0 GB"),
            (137_970_286_592, "128.5 GB"), (1_099_511_627_776, "1.0 TB"),
            (Int64.max, "8388608.0 TB"), (-1, "-1 B"), (Int64.min, "-9223372036854775808 B"),
        ] as [(Int64, String)]
    )
    func sizes(byteCount: Int64, text: String) {
        #expect(byteCountText(byteCount) == text)
    }

    @Test("Control, bidirectional and other invisible characters are written out")
    func printableText() {
        #expect(printable("blocks") == "blocks")
        #expect(printable("a\u{1B}[2Jb") == "a\\u{1b}[2Jb")
        #expect(printable("a\nb\r\tc\u{0}") == "a\\u{a}b\\u{d}\\u{9}c\\u{0}")
        #expect(printable("\u{202E}evil\u{2066}") == "\\u{202e}evil\\u{2066}")
        #expect(printable("zürich 塊 😀") == "zürich 塊 😀")
    }

    @Test("Colour needs a terminal that does not say no")
    func colour() {
        #expect(Console.colourIsWelcome(noColour: nil, terminal: "xterm", isTerminal: true))
        #expect(Console.colourIsWelcome(noColour: "", terminal: "xterm", isTerminal: true))
        #expect(!Console.colourIsWelcome(noColour: "0", terminal: "xterm", isTerminal: true))
        #expect(!Console.colourIsWelcome(noColour: nil, terminal: "dumb", isTerminal: true))
        #expect(!Console.colourIsWelcome(noColour: nil, terminal: "xterm", isTerminal: false))
    }

    @Test("Columns are aligned, and cells cannot break out of theirs")
    func tables() {
        let text = table(header: ["ID", "NAME"], rows: [["1", "a\nb"], ["1000", "c"]])
        #expect(text == "ID    NAME\n1     a\\u{a}b\n1000  c")
    }
}
