import FoundationEssentials

/// What the manifest of a dataset says of its tables.
///
/// Amp keeps manifests as JSON in its object store, each under the SHA-256 of its bytes, so one never
/// changes. Format: Amp's `docs/schemas/manifest`.
struct Manifest: Equatable, Sendable {
    /// Most tables that a dataset may have.
    static let tableLimit = 4_096
    /// The kinds of raw datasets, which are extracted from a chain.
    static let rawKinds: Set<String> = ["eth-beacon", "evm-rpc", "firehose", "solana"]
    /// The kinds of which only the names of the tables count.
    static let otherKinds: Set<String> = ["manifest", "static"]

    /// The names of the dataset's tables.
    var tables: Set<String>
    /// The block from which on a raw dataset is extracted; `nil` for other kinds.
    var startBlock: UInt64?

    init(tables: Set<String>, startBlock: UInt64?) {
        self.tables = tables
        self.startBlock = startBlock
    }

    /// - Throws: ``ManifestError`` if it is no manifest, or has more tables than ``tableLimit``.
    init(parsing content: Data) throws(ManifestError) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: content)
        } catch {
            throw ManifestError("it is not a JSON object with a kind and tables")
        }
        let isRaw = Self.rawKinds.contains(document.kind)
        guard isRaw || Self.otherKinds.contains(document.kind) else {
            let known = Self.rawKinds.union(Self.otherKinds).sorted().joined(separator: ", ")
            throw ManifestError("its kind is '\(document.kind.prefix(64))'; known are \(known)")
        }
        let tables = document.tables ?? [:]
        guard tables.count <= Self.tableLimit else {
            throw ManifestError("it has \(tables.count) tables; the limit is \(Self.tableLimit)")
        }
        self.init(tables: Set(tables.keys), startBlock: isRaw ? document.startBlock ?? 0 : nil)
    }

    private struct Document: Decodable {
        var kind: String
        var startBlock: UInt64?
        var tables: [String: Anything]?

        enum CodingKeys: String, CodingKey {
            case kind
            case startBlock = "start_block"
            case tables
        }
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }
}

/// Why a file, or the directory, gives no manifests.
struct ManifestError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
