import HTTPTypes

extension HTTPFields {
    /// The fields of an answer that a caller may keep and ask about again.
    ///
    /// - Parameters:
    ///   - tag: `nil`: the answer has no name.
    ///   - age: How old the answer was when it was given, in microseconds; `nil`: not at all.
    init(answerTagged tag: EntityTag?, age: UInt32?) {
        self = [.cacheControl: "private, no-cache", .vary: "Authorization"]
        self[.eTag] = tag?.headerValue
        // Whole seconds (RFC 9111, 5.1), so an answer of less than one has age 0.
        self[.age] = age.map { "\($0 / 1_000_000)" }
    }

    /// The fields of an answer that nobody may keep.
    ///
    /// - Parameter next: The target of the next page; `nil`: there is none.
    init(unkeptJSONBefore next: String?) {
        self = [.contentType: "application/json", .cacheControl: "no-store"]
        self[.link] = next.map { "<\($0)>; rel=\"next\"" }
    }
}
