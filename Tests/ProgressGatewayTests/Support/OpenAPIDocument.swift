import Foundation
import ProgressJSON
import Testing

@testable import ProgressGateway

/// `docs/openapi-specs/admin.spec.json`, and what an answer has that it does not allow.
struct OpenAPIDocument: Sendable {
    /// The methods that a path item may have (OpenAPI 3.1, 4.8.9), which are all that may be asked.
    static let methods = [
        "get", "head", "post", "put", "delete", "patch", "options", "trace",
    ]
    /// The fields that say something of an answer here; the rest is of the connection or the body.
    private static let fieldNames = [
        "age", "cache-control", "content-security-policy", "etag", "link", "referrer-policy",
        "retry-after", "vary", "www-authenticate", "x-content-type-options", "x-request-id",
    ]

    /// The file as it is.
    let text: String
    private let root: JSONValue

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/openapi-specs/admin.spec.json")
        self.text = try String(contentsOf: file, encoding: .utf8)
        self.root = try JSONValue(parsing: self.text)
    }

    var paths: [String] { self.root["paths"].map { $0.members.keys.sorted() } ?? [] }

    /// The methods of a path, in lower case.
    func methods(of path: String) -> Set<String> {
        let item = self.root["paths"]?[path]
        return Set(Self.methods.filter { item?[$0] != nil })
    }

    /// A target that leads to the path, with what its query must have, for ``CannedServer``.
    static func target(_ path: String) -> String {
        path == "/jobs/progress"
            ? path + "?ids=42,7"
            : path.replacing("{id}", with: "42").replacing("{event_id}", with: "7")
                .replacing("{rev}", with: "dev").replacing(/\{[a-z]+\}/, with: "a")
    }

    /// Where the answer is not what the operation promises; empty: nowhere.
    func objections(to answer: HTTPAnswer, _ method: String, _ path: String) -> [String] {
        let operation = self.root["paths"]?[path]?[method]
        guard let response = self.resolved(operation?["responses"]?["\(answer.status)"]) else {
            return ["status \(answer.status) is not documented"]
        }
        var objections = self.objections(toFieldsOf: answer, response)
        let media = response["content"]?.members ?? [:]
        if method == "get" {
            let type = answer.body.isEmpty ? nil : answer["content-type"]
            if Set([type].compactMap { $0 }) != Set(media.keys) {
                objections.append("content type \(type ?? "none"), not \(media.keys)")
            }
        } else if !answer.body.isEmpty || !media.isEmpty {
            objections.append("an answer to HEAD has a body")
        }
        guard let type = answer["content-type"], let schema = media[type]?["schema"] else {
            return objections
        }
        guard let body = try? JSONValue(parsing: answer.body) else {
            return objections + ["the body is no JSON"]
        }
        objections += self.objections(to: body, schema, at: "body")
        let code = body["error_code"]?.text
        if let code, response["description"]?.text?.contains("`\(code)`") != true {
            objections.append("code \(code) is not documented with \(answer.status)")
        }
        return objections
    }

    private func objections(toFieldsOf answer: HTTPAnswer, _ response: JSONValue) -> [String] {
        let documented = Dictionary(
            uniqueKeysWithValues: (response["headers"]?.members ?? [:]).map { name, field in
                (name.lowercased(), self.resolved(field))
            }
        )
        var objections = Self.fieldNames.filter { answer[$0] != nil && documented[$0] == nil }
            .map { "field \($0) is not documented with \(answer.status)" }
        for (name, field) in documented {
            guard let value = answer[name] else {
                if field?["required"] == .bool(true) { objections.append("no field \(name)") }
                continue
            }
            let isNumber = field?["schema"]?["type"] == .string("integer")
            let typed = isNumber ? Int64(value).map(JSONValue.integer) : .string(value)
            objections += self.objections(
                to: typed ?? .string(value),
                field?["schema"] ?? .null,
                at: name
            )
        }
        return objections
    }

    /// The rules of JSON Schema that the document uses for answers.
    private func objections(
        to value: JSONValue,
        _ schema: JSONValue,
        at place: String
    ) -> [String] {
        let schema = self.resolved(schema) ?? .null
        let types = schema["type"].map { $0.elements + ($0.text == nil ? [] : [$0]) } ?? []
        guard types.isEmpty || types.contains(.string(value.schemaType)) else {
            return ["\(place) is \(value.schemaType), not \(types)"]
        }
        var objections: [String] = []
        if let constant = schema["const"], constant != value {
            objections.append("\(place) is \(value), not \(constant)")
        }
        if let pattern = schema["pattern"]?.text, let text = value.text,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            objections.append("\(place) is '\(text)', which \(pattern) does not match")
        }
        for name in schema["required"]?.elements.compactMap(\.text) ?? []
        where value[name] == nil {
            objections.append("\(place) has no \(name)")
        }
        let properties = schema["properties"]?.members ?? [:]
        for (name, member) in value.members {
            if let rule = properties[name] ?? schema["additionalProperties"] {
                objections += self.objections(to: member, rule, at: "\(place).\(name)")
            } else if !properties.isEmpty {
                objections.append("\(place).\(name) is not documented")
            }
        }
        guard let rule = schema["items"] else { return objections }
        return objections
            + value.elements.flatMap { self.objections(to: $0, rule, at: "\(place)[]") }
    }

    /// What a `$ref` stands for; everything else as it is.
    private func resolved(_ value: JSONValue?) -> JSONValue? {
        guard let reference = value?["$ref"]?.text else { return value }
        return reference.split(separator: "/").dropFirst().reduce(self.root as JSONValue?) {
            $0?[String($1)]
        }
    }
}
