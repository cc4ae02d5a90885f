import ProgressRPC

/// One revision of a dataset, as a person names it.
struct DatasetReference: Equatable, Sendable {
    var namespace: String
    var name: String
    /// Whoever answers decides whether there is one.
    var revision: String

    /// Reads `NAMESPACE/NAME@REVISION`.
    ///
    /// - Throws: ``ArgumentProblem`` if it has another form, or a part that cannot be one.
    init(parsing text: String) throws(ArgumentProblem) {
        let halves = text.split(
            separator: "@",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let names = (halves.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, names.count == 2, DatasetRevision(String(halves[1])) != nil else {
            throw ArgumentProblem(
                description: "it must be NAMESPACE/NAME@REVISION; a revision is 'latest', 'dev', a "
                    + "version such as 1.2.0, or the hash of a manifest"
            )
        }
        for (text, part, noun) in [
            (names[0], DatasetNamePart.namespace, "namespace"), (names[1], .name, "name"),
        ]
        where !part.allows(Array(text.utf8)) {
            throw ArgumentProblem(description: "the \(noun) must be \(part.allowed)")
        }
        self.namespace = String(names[0])
        self.name = String(names[1])
        self.revision = String(halves[1])
    }

    /// The path of its jobs.
    var jobsPath: String {
        // A plus is the one character that somebody on the way may take for another.
        let revision = self.revision.split(separator: "+", omittingEmptySubsequences: false)
            .joined(separator: "%2B")
        return "/datasets/\(self.namespace)/\(self.name)/versions/\(revision)/jobs"
    }
}
