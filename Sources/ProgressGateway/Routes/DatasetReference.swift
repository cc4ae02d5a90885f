import ProgressRPC

/// A revision of a dataset as a path names it; whether there is one shows later.
struct DatasetReference: Equatable, Sendable, CustomStringConvertible {
    /// As ``DatasetNamePart`` allows, and the name too.
    let namespace: String
    let name: String
    /// `latest`, `dev`, a semantic version, or the 64 hexadecimal digits of a manifest's hash.
    let revision: String

    /// Reads three segments of a path, each percent-decoded once.
    ///
    /// - Throws: ``HTTPFailure`` 400 `INVALID_PATH`.
    init(
        namespace: some Collection<UInt8>,
        name: some Collection<UInt8>,
        revision: some Collection<UInt8>
    ) throws(HTTPFailure) {
        self.namespace = try Self.read(
            namespace,
            as: "namespace",
            DatasetNamePart.namespace.allowed,
            DatasetNamePart.namespace.allows
        )
        self.name = try Self.read(
            name,
            as: "dataset name",
            DatasetNamePart.name.allowed,
            DatasetNamePart.name.allows
        )
        self.revision = try Self.read(
            revision,
            as: "revision",
            "latest, dev, a semantic version such as 1.0.0 of at most \(DatasetRevision.byteLimit) "
                + "bytes, or 64 hexadecimal digits"
        ) { DatasetRevision(String(decoding: $0, as: UTF8.self)) != nil }
    }

    var description: String { "\(self.namespace)/\(self.name)@\(self.revision)" }

    private static func read(
        _ segment: some Collection<UInt8>,
        as noun: String,
        _ allowed: String,
        _ isAllowed: ([UInt8]) -> Bool
    ) throws(HTTPFailure) -> String {
        let bytes = PercentDecoding.decode(segment)
        guard isAllowed(bytes) else {
            throw .invalidPath(
                "the \(noun) is '\(HTTPFailure.shown(bytes))', \(bytes.count) bytes long; "
                    + "it must be \(allowed)"
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
