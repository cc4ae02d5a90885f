import ProgressPostgres
import Synchronization

/// Opens once; threads, not tasks, wait for it.
final class Latch: Sendable {
    private let isOpen = Mutex(false)
    private let wakeUp = Mutex(try? WakeUp())

    func open() {
        self.isOpen.withLock { $0 = true }
        self.wakeUp.withLock { $0 }?.signal()
    }

    func wait() {
        while !self.isOpen.withLock({ $0 }) {
            self.wakeUp.withLock { $0 }?.wait(until: .now.advanced(by: .seconds(1)))
        }
    }
}
