import ProgressPostgres
import ServiceLifecycle
import Synchronization

/// Looks at the directory of manifests now and then, since new datasets come while the server runs.
///
/// On a thread of its own, as the directory may be on a slow or a hanging mount.
final class ManifestWatch: Service {
    private let catalog: ManifestCatalog
    private let directory: Mutex<ManifestDirectory>
    private let interval: Duration
    private let onNews: @Sendable () -> Void
    private let observe: @Sendable (Observation) -> Void

    /// - Parameter onNews: Called after manifests were added.
    init(
        _ directory: ManifestDirectory,
        for catalog: ManifestCatalog,
        interval: Duration = .seconds(5),
        observe: @escaping @Sendable (Observation) -> Void,
        onNews: @escaping @Sendable () -> Void
    ) {
        self.catalog = catalog
        self.directory = Mutex(directory)
        self.interval = interval
        self.onNews = onNews
        self.observe = observe
    }

    /// Looks until a graceful shutdown, or the cancellation of the task.
    func run() async throws {
        await repeatUntilShutdown(every: self.interval) { await self.lookOnce() }
    }

    /// Looks now; what is known stays known if that fails.
    func lookOnce() async {
        do {
            try await DedicatedThread.run(named: "manifests") { try self.look() }
        } catch {
            self.observe(.manifestsUnreadable("\(error)"))
        }
    }

    /// Looks now, on this thread.
    ///
    /// - Throws: ``ManifestError`` if the directory cannot be listed.
    func look() throws(ManifestError) {
        let finding = try self.directory.withLock { directory throws(ManifestError) in
            try directory.look(for: self.catalog)
        }
        for refusal in finding.refusals {
            self.observe(.manifestRefused(refusal.name, "\(refusal.reason)"))
        }
        if finding.newCount > 0 { self.onNews() }
    }
}
