/// A network, such as `mainnet`, as a small number that ``NetworkNames`` gave to its name.
///
/// Two bytes instead of a string keep a cached file small and comparisons free of allocation.
/// Only networks from the same ``NetworkNames`` may be compared.
package struct Network: Hashable, Sendable {
    let index: UInt16
}
