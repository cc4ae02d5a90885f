import FoundationEssentials
import ProgressJSON

/// What a job is.
struct JobInfo: Equatable, Sendable {
    var id: Int64
    /// Times as RFC 3339.
    var createdAt: String
    var updatedAt: String
    /// The worker that it was given to.
    var nodeID: String
    /// In upper case, such as `RUNNING`.
    var status: String
    /// What kind of work it is, such as `materialize-raw`; `nil` if nothing says.
    var kind: String?
    /// `NAMESPACE/NAME`; `nil` if nothing says.
    var dataset: String?
    /// The tables that it writes; `nil` if whoever answered did not say.
    var tables: [String]?
    /// What was scheduled last, as JSON; `nil` if nothing says.
    var descriptor: [UInt8]?
    /// The object that the API has of it.
    var json: [UInt8]

    /// - Throws: ``ToolError`` if the bytes are no body of `GET /jobs/{id}`.
    init(_ body: [UInt8]) throws(ToolError) {
        guard let document = try? JSONDecoder().decode(JobInfoDocument.self, from: Data(body))
        else { throw ToolError(.failure, "the answer is not a job") }
        self.init(document, json: body)
    }

    /// - Parameter json: What `document` was read from.
    init(_ document: JobInfoDocument, json: [UInt8]) {
        self.id = document.id
        self.createdAt = document.createdAt
        self.updatedAt = document.updatedAt
        self.nodeID = document.nodeID
        self.status = document.status
        self.json = json
        guard case .object(let members)? = document.descriptor else { return }
        self.descriptor = jsonMember("descriptor", of: json[...]).map(Array.init)
        // Older releases of Amp wrote an object whose one member is named after the kind.
        if members.count == 1, let only = members.first, case .object(let inner) = only.value {
            self.kind = only.key
            self.dataset = Self.dataset(in: inner)
        } else {
            self.kind = members["kind"]?.summary
            self.dataset = Self.dataset(in: members)
        }
    }

    private static func dataset(in members: [String: JSONValue]) -> String? {
        guard case .string(let namespace)? = members["dataset_namespace"],
            case .string(let name)? = members["dataset_name"]
        else { return nil }
        return "\(namespace)/\(name)"
    }
}

/// The body of `GET /jobs/{id}`.
struct JobInfoDocument: Decodable {
    enum CodingKeys: String, CodingKey {
        case id
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case nodeID = "node_id"
        case status
        case descriptor
    }

    var id: Int64
    var createdAt: String
    var updatedAt: String
    var nodeID: String
    var status: String
    var descriptor: JSONValue?
}
