/// A job as such: what the database says of it beside its progress.
struct JobRecord: Sendable {
    /// Status, dataset and tables; without a failure's detail.
    var plan: JobPlan
    /// Microseconds since 1970, as all times here.
    var createdAt: Int64
    /// When the status was written last.
    var updatedAt: Int64
    var nodeID: String
    /// What was scheduled last, as JSON text; `nil` if nothing says.
    var descriptor: String?
}

/// Something that happened to a job.
struct JobEventRecord: Sendable {
    var id: Int64
    var createdAt: Int64
    var nodeID: String
    /// As stored.
    var type: String
    /// As JSON text; `nil` if there is none, or if it was not asked for.
    var detail: String?
}

/// A page of records at one moment.
struct JobPage<Record: Sendable>: Sendable {
    var snapshot: Snapshot
    var records: [Record]
    /// Whether there is more behind the last.
    private(set) var hasMore = false

    init(snapshot: Snapshot, records: [Record]) {
        self.snapshot = snapshot
        self.records = records
    }

    /// Takes what was read too much, to see whether there is more, off again.
    mutating func cut(to count: Int) {
        self.hasMore = self.records.count > count
        self.records = Array(self.records.prefix(count))
    }
}

/// Which jobs to list.
enum JobSelection: Equatable, Sendable {
    /// Those below an id, if one is given, from the highest down; of these statuses, if any is given.
    case newest(below: Int64?, statuses: [String])
    /// Those above an id that were scheduled for a dataset's manifest, from the lowest up.
    case scheduled(for: DatasetName, manifestHash: String, above: Int64)
    case one(JobID)

    var subject: ReadFailure.Subject { if case .one = self { .job } else { .jobList } }
}

/// A version of a dataset, as callers name it.
enum DatasetRevision: Equatable, Sendable {
    /// `latest`, `dev`, or a semantic version.
    case tag(String)
    /// 64 hexadecimal digits in lower case.
    case manifestHash(String)

    /// - Returns: `nil` if the text is neither.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        if bytes.count == 64, bytes.allSatisfy(Self.isHexadecimal) {
            self = .manifestHash(text.lowercased())
        } else if text == "latest" || text == "dev" || Self.isSemanticVersion(bytes) {
            self = .tag(text)
        } else {
            return nil
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Whether it is a version by Semantic Versioning 2.0.0, section 2 and the grammar after it.
    private static func isSemanticVersion(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= 255 else { return false }
        let parts = bytes.split(
            separator: UInt8(ascii: "+"),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let versions = parts[0].split(
            separator: UInt8(ascii: "-"),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let core = versions[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard core.count == 3, core.allSatisfy(Self.isNumber) else { return false }
        if versions.count == 2 {
            guard
                Self.identifiers(versions[1]).allSatisfy({ part in
                    Self.isIdentifier(part)
                        && (!part.allSatisfy(Self.isDigit) || Self.isNumber(part))
                })
            else { return false }
        }
        return parts.count == 1 || Self.identifiers(parts[1]).allSatisfy(Self.isIdentifier)
    }

    private static func identifiers(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    /// Digits without a leading zero.
    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(Self.isDigit)
            && (bytes.count == 1 || bytes.first != UInt8(ascii: "0"))
    }

    private static func isIdentifier(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
