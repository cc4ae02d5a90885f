import Synchronization

/// Watches whether an object is still alive, from any thread.
final class WeakBox<Object: AnyObject>: Sendable {
    private struct Reference: @unchecked Sendable {
        // Only compared with nil, under the lock; the object is never used.
        weak var object: Object?
    }

    private let reference = Mutex(Reference())

    var isAlive: Bool { self.reference.withLock { $0.object != nil } }

    func watch(_ object: Object) {
        let reference = Reference(object: object)
        self.reference.withLock { $0 = reference }
    }
}
