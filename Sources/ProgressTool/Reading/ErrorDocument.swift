/// The body of every answer of the gateway that is not a success.
struct ErrorDocument: Decodable {
    enum CodingKeys: String, CodingKey {
        case code = "error_code"
        case message = "error_message"
    }

    /// A stable token, such as `JOB_NOT_FOUND`.
    var code: String
    /// For a person.
    var message: String
}
