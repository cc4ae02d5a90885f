/// A dataset under the names that Amp gives one.
struct SimulatedDataset: Equatable, Sendable {
    let namespace: String
    let name: String

    /// - Throws: ``ToolError`` of status `usage` if a part has a character that Amp refuses.
    init(namespace: String, name: String) throws(ToolError) {
        guard !namespace.isEmpty, namespace.utf8.allSatisfy(isNamePart),
            let first = name.utf8.first, name.utf8.allSatisfy(isNamePart),
            !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else {
            throw ToolError(
                .usage,
                "the dataset is '\(namespace)/\(name)'; a namespace and a name are lower-case "
                    + "letters, digits and '_', and the name does not begin with a digit"
            )
        }
        self.namespace = namespace
        self.name = name
    }

    /// Reads `NAMESPACE/NAME`.
    ///
    /// - Throws: ``ToolError`` of status `usage` if it is not of that form.
    init(parsing text: String) throws(ToolError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ToolError(.usage, "the dataset is '\(text)'; it must be NAMESPACE/NAME")
        }
        try self.init(namespace: String(parts[0]), name: String(parts[1]))
    }

    /// The digest that a manifest of this dataset would have: 64 hexadecimal digits that follow
    /// from the names.
    var manifestHash: String {
        String(
            BlockHash(block: 0, network: "\(self.namespace)/\(self.name)", branch: 1).text
                .dropFirst(2)
        )
    }

    /// What a job that writes the dataset is told when it is scheduled, as JSON.
    var descriptor: String {
        """
        {"kind":"materialize-raw","end_block":null,"max_writers":1,"verify":false,\
        "dataset_namespace":"\(self.namespace)","dataset_name":"\(self.name)",\
        "manifest_hash":"\(self.manifestHash)"}
        """
    }

    /// The tables of a chain read by JSON-RPC.
    static let tables = ["blocks", "logs", "transactions"]

    /// The last part of the path of a table's revision: a UUID of version 7 that follows from the
    /// names.
    func revisionIdentifier(ofTable table: String) -> String {
        let source = "\(self.namespace)/\(self.name)/\(table)"
        var digits = BlockHash(block: 0, network: source, branch: 7).text.dropFirst(2)
        let parts = [8, 4, 3, 3, 12].map { length in
            defer { digits = digits.dropFirst(length) }
            return digits.prefix(length)
        }
        return "\(parts[0])-\(parts[1])-7\(parts[2])-8\(parts[3])-\(parts[4])"
    }

    /// The note that a revision of `table` keeps of where it belongs, as JSON.
    func metadata(ofTable table: String) -> String {
        """
        {"dataset_namespace":"\(self.namespace)","dataset_name":"\(self.name)",\
        "manifest_hash":"\(self.manifestHash)","table_name":"\(table)"}
        """
    }
}

private func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        true
    default:
        false
    }
}
