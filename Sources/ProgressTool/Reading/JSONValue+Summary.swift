import ProgressJSON

extension JSONValue {
    /// The value for one line of text; objects and arrays are named, not spelled out.
    var summary: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value
        case .array(let values): values.map(\.summary).joined(separator: ", ")
        case .object(let members):
            members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.summary)" }
                .joined(separator: ", ")
        }
    }
}
