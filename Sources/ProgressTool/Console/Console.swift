import Glibc

/// Standard output and standard error.
///
/// Results go to ``write(_:)``, everything else to ``note(_:)``, so that a pipe sees only results.
struct Console: Sendable {
    private let output: Int32
    private let notes: Int32
    /// Whether errors may be coloured.
    let isColoured: Bool

    /// Where commands write; tests put another in its place.
    @TaskLocal static var current = standard

    /// The console of this process, coloured only on a terminal that has not asked for plain text.
    static let standard = Console(
        output: 1,
        notes: 2,
        isColoured: colourIsWelcome(
            noColour: environmentVariable("NO_COLOR"),
            terminal: environmentVariable("TERM"),
            isTerminal: isatty(2) == 1
        )
    )

    init(output: Int32, notes: Int32, isColoured: Bool) {
        self.output = output
        self.notes = notes
        self.isColoured = isColoured
    }

    /// Whether to colour: `NO_COLOR` that is not empty, whatever it holds, says no.
    static func colourIsWelcome(noColour: String?, terminal: String?, isTerminal: Bool) -> Bool {
        isTerminal && (noColour ?? "").isEmpty && terminal != "dumb"
    }

    /// Writes one line of result.
    func write(_ line: String) {
        self.write(bytes: Array((line + "\n").utf8))
    }

    /// Writes bytes of result exactly as they are.
    func write(bytes: [UInt8]) {
        Self.write(bytes, to: self.output)
    }

    /// Writes one line that is not a result.
    func note(_ line: String) {
        Self.write(Array((line + "\n").utf8), to: self.notes)
    }

    /// Writes why the command failed: on one line if the command line is at fault, else with the
    /// remedy on a second.
    func report(_ error: ToolError) {
        let name = self.isColoured ? "\u{1B}[31mprogressctl:\u{1B}[0m" : "progressctl:"
        let separator = error.status == .usage ? "; " : "\n  "
        let remedy = error.remedy.map { separator + printable($0) } ?? ""
        self.note("\(name) \(printable(error.message))\(remedy)")
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                // The reader, such as `head`, has what it wanted: end as a pipe's writer ends.
                exit(128 + SIGPIPE)
            } else if errno != EINTR && errno != EAGAIN {
                return
            }
        }
    }
}

/// The value of an environment variable; `nil` if it is not set.
func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
}
