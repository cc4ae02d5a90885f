import ProgressChain

/// Decodes documents and finds chains of made-up tables, and prints the median times.
enum ChainBenchmark {
    private static let roundCount = 15
    private static let fileCount = 10_000

    static func run() {
        let names = NetworkNames()
        let rows = (0..<Self.fileCount).map(Self.document)
        let byteCount = rows.reduce(0) { $0 + $1.count } / rows.count
        let ordered = Self.segments(rows, names)
        // A fixed stride through the table stands for the order in which a database gives rows.
        let scattered = ordered.indices.map { ordered[$0 * 7919 % ordered.count] }

        print("chain: \(Self.fileCount) files, median of \(Self.roundCount) rounds")
        Self.report("decode, \(byteCount) bytes") { Self.segments(rows, names).count }
        Self.report("summary, files in order") { Self.summary(ordered) }
        Self.report("summary, files scattered") { Self.summary(scattered) }
        Self.report("fork, none in order") { Self.forkCount(ordered) }
        MendedChainBenchmark(names: names)?.run()
    }

    private static func summary(_ files: [Segment]) -> Int {
        (try? TableSummary(of: files).fileCount) ?? 0
    }

    private static func forkCount(_ files: [Segment]) -> Int {
        CanonicalChain(of: files).map { chain in
            chain.segments.count + (Fork(beside: chain)?.segments.count ?? 0)
        } ?? 0
    }

    private static func segments(_ rows: [[UInt8]], _ names: NetworkNames) -> [Segment] {
        rows.enumerated().compactMap { index, row in
            try? Segment(
                id: FileID(rawValue: Int64(index)),
                objectSize: 8775,
                metadata: row.span,
                names: names
            )
        }
    }

    /// Measures `body`, which answers the number of files that it found.
    private static func report(_ name: String, _ body: () -> Int) {
        let clock = ContinuousClock()
        var times: [Duration] = []
        for _ in 0..<Self.roundCount {
            var found = 0
            times.append(clock.measure { found = body() })
            precondition(found == Self.fileCount, "\(name) found \(found) files")
        }
        times.sort()
        let median = times[times.count / 2]
        let nanoseconds = median / Self.fileCount / Duration.nanoseconds(1)
        let label = name + String(repeating: " ", count: max(0, 28 - name.count))
        print("  \(label)\(median / Duration.milliseconds(1)) ms, \(nanoseconds) ns a file")
    }

    /// The document of the file at `index` of a chain, as the database writes it.
    private static func document(_ index: Int) -> [UInt8] {
        let start = index * 100
        let text = """
            {"table": "blocks", "ranges": [{"hash": "\(Self.hash(index + 1))", \
            "network": "mainnet", "numbers": {"end": \(start + 99), "start": \(start)}, \
            "prev_hash": "\(Self.hash(index))", "timestamp": \(1_753_612_887 + index)}], \
            "filename": "\(String(1_000_000_000 + start).dropFirst())-9c41d07be2a35f18.parquet", \
            "created_at": {"secs": \(1_768_220_431 + index), "nanos": 250118734}}
            """
        return Array(text.utf8)
    }

    /// A made-up hash whose digits all differ from one index to the next.
    private static func hash(_ index: Int) -> String {
        let words = (1...4).map { word in
            let bits = (UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15 &* UInt64(2 * word + 1)
            return String(bits | 1 << 63, radix: 16)
        }
        return "0x" + words.joined()
    }
}
