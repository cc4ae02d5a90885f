import ProgressChain

/// All files of one revision at one moment: the chain that they make, and those that spoil it.
struct RevisionFiles: Sendable {
    /// What one file costs in memory, to reckon with before it is known.
    static let approximateFileByteCount = 116

    /// Those that could be decoded.
    private(set) var chain: MendedChain
    /// The others, each with the version of its row.
    private(set) var undecodable: [FileID: (version: RowVersion, reason: FileRowError)] = [:]

    init(chain: MendedChain = MendedChain()) { self.chain = chain }

    var isEmpty: Bool { self.fileCount == 0 }

    var fileCount: Int { self.chain.fileCount + self.undecodable.count }

    /// Bytes in memory.
    var byteCount: Int { self.chain.byteCount + self.undecodable.count * 256 }

    /// Adds a file, in place of one with its number.
    mutating func insert(_ row: FileRow) {
        switch row.segment {
        case .success(let segment):
            self.undecodable[row.id] = nil
            self.chain.insert(segment, version: row.version)
        case .failure(let reason):
            self.chain.remove(row.id)
            self.undecodable[row.id] = (row.version, reason)
        }
    }

    mutating func remove(_ id: FileID) {
        if self.undecodable.removeValue(forKey: id) == nil { self.chain.remove(id) }
    }

    /// Drops the files that are not among `listed` in the same version.
    ///
    /// - Returns: Those listed that are not held: to be read.
    mutating func keep(only listed: FileVersions) -> [FileID] {
        var held = Fingerprint()
        self.forEachVersion { held.add($0, $1) }
        var wanted = Fingerprint()
        for index in 0..<listed.count { wanted.add(listed.ids[index], listed.versions[index]) }
        guard held != wanted else { return [] }
        var missing: [FileID: RowVersion] = [:]
        missing.reserveCapacity(listed.count)
        for index in 0..<listed.count { missing[listed.ids[index]] = listed.versions[index] }
        var gone: [FileID] = []
        self.forEachVersion { id, version in
            if missing[id] == version { missing[id] = nil } else { gone.append(id) }
        }
        for id in gone { self.remove(id) }
        return missing.keys.sorted()
    }

    private func forEachVersion(_ body: (FileID, RowVersion) -> Void) {
        self.chain.forEachRow(body)
        for (id, file) in self.undecodable { body(id, file.version) }
    }

    /// The table's numbers, or why it has none.
    var outcome: TableOutcome {
        if let first = self.undecodable.min(by: { $0.key < $1.key }) {
            return .undecodable(UndecodableFile(id: first.key, reason: first.value.reason))
        }
        do throws(TableError) {
            return .summary(try self.chain.summary())
        } catch {
            return .failed(error)
        }
    }
}

/// What the files of a revision come to.
enum TableOutcome: Equatable, Sendable {
    case summary(TableSummary)
    /// Of the rows that cannot be decoded, the one with the lowest number.
    case undecodable(UndecodableFile)
    case failed(TableError)
}

/// A row of `file_metadata` that is not as Amp writes it.
struct UndecodableFile: Equatable, Sendable {
    var id: FileID
    var reason: FileRowError
}

/// A set of row versions in 128 bits: sums of two mixtures of each, so their order plays no part.
///
/// Two different sets of rows have one fingerprint with a chance of about 2^-128. The mixtures are
/// finalisers of Steele, Lea and Flood's SplitMix (2014) and Stafford's variant 13.
private struct Fingerprint: Equatable {
    private var count = 0
    private var first: UInt64 = 0
    private var second: UInt64 = 0

    mutating func add(_ id: FileID, _ version: RowVersion) {
        let number = UInt64(bitPattern: id.rawValue)
        let word = number &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(version.rawValue) << 17
        self.count += 1
        self.first &+= Self.mixed(word &+ UInt64(version.rawValue), 0xBF58_476D_1CE4_E5B9)
        self.second &+= Self.mixed(number ^ UInt64(version.rawValue) << 32, 0xFF51_AFD7_ED55_8CCD)
    }

    private static func mixed(_ word: UInt64, _ factor: UInt64) -> UInt64 {
        var word = (word ^ word >> 30) &* factor
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
