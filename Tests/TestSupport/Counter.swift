import Synchronization

/// Counts what happens on any thread.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// Starts at 0.
    package init() {}

    /// How often it was incremented.
    package var value: Int { self.count.load(ordering: .sequentiallyConsistent) }

    /// Adds 1.
    package func increment() {
        self.count.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }
}
