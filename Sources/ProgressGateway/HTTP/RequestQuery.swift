/// The query of a target: names with values, in any order.
///
/// A name that nobody asks for is left aside, so that a query may hold what is meant for others.
struct RequestQuery: Equatable, Sendable {
    private struct Item: Equatable {
        var name: [UInt8]
        var value: [UInt8]
    }

    private var items: [Item] = []

    /// A query without items.
    init() {}

    /// Reads what stands behind the `?` as the parameters of a form (WHATWG URL, 5.1): items between
    /// `&`, each a name, `=` and a value, both percent-decoded once, after each `+` has become a
    /// blank; without `=` the value is empty.
    init(_ text: some Collection<UInt8>) {
        self.items = text.split(separator: UInt8(ascii: "&")).map { item in
            let name = item.prefix { $0 != UInt8(ascii: "=") }
            return Item(
                name: Self.decode(name),
                value: Self.decode(item.dropFirst(name.count + 1))
            )
        }
    }

    private static func decode(_ text: some Collection<UInt8>) -> [UInt8] {
        PercentDecoding.decode(text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
    }

    func contains(_ name: StaticString) -> Bool {
        self.items.contains { $0.name.elementsEqual("\(name)".utf8) }
    }

    /// The value of an item; `nil` if there is no such item.
    ///
    /// - Parameter refusal: The failure with a message: 400 `BAD_REQUEST`, if none is given.
    /// - Throws: ``HTTPFailure`` if there are several, which could be read either way.
    func value(
        of name: StaticString,
        refusedAs refusal: (String) -> HTTPFailure = HTTPFailure.badRequest
    ) throws(HTTPFailure) -> [UInt8]? {
        let values = self.items.filter { $0.name.elementsEqual("\(name)".utf8) }
        guard values.count <= 1 else {
            throw refusal("\(name) is given \(values.count) times; it must be given once")
        }
        return values.first?.value
    }
}
