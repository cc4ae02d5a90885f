import ProgressRPC

/// What one caller may see of the database: a scope, ready to be asked.
struct Visibility: Sendable {
    private let seesAll: Bool
    private let seesEveryDataset: Bool
    private let datasets: Set<DatasetName>
    private let namespaces: Set<String>
    private let names: Set<String>

    init(_ scope: PBScope) {
        self.seesAll = scope.all
        self.seesEveryDataset = scope.datasets.contains { $0.namespace.isEmpty && $0.name.isEmpty }
        var datasets: Set<DatasetName> = []
        var namespaces: Set<String> = []
        var names: Set<String> = []
        for pattern in scope.datasets {
            switch (pattern.namespace.isEmpty, pattern.name.isEmpty) {
            case (false, false):
                datasets.insert(DatasetName(namespace: pattern.namespace, name: pattern.name))
            case (false, true): namespaces.insert(pattern.namespace)
            case (true, false): names.insert(pattern.name)
            case (true, true): break
            }
        }
        self.datasets = datasets
        self.namespaces = namespaces
        self.names = names
    }

    func includes(_ dataset: DatasetName) -> Bool {
        self.seesAll || self.seesEveryDataset || self.datasets.contains(dataset)
            || self.namespaces.contains(dataset.namespace) || self.names.contains(dataset.name)
    }

    /// Whether the caller may see what belongs to the job itself, such as why it failed.
    ///
    /// A job that is seen only through a table of another dataset shows its status and that table.
    func includesDataset(of plan: JobPlan) -> Bool {
        plan.dataset.map(self.includes) ?? self.seesAll
    }

    /// The tables of the job that the caller may see, by name.
    ///
    /// Each row counts by its own dataset, since one revision can be active in several. Of visible
    /// rows of one name, that of the job's own dataset is taken, else the greatest.
    ///
    /// - Returns: `nil` if the job is not to be seen at all: neither its dataset nor one of its
    ///   tables is visible. A job of unknown dataset without visible tables is for those who see all.
    func tables(of plan: JobPlan) -> [JobTable]? {
        let visible = plan.tables.filter { self.includes($0.dataset) }
        guard self.includesDataset(of: plan) || !visible.isEmpty else { return nil }
        // As plans mostly are: in order, and each name once.
        let isInOrder = zip(visible, visible.dropFirst()).allSatisfy { before, after in
            before.name.utf8.lexicographicallyPrecedes(after.name.utf8)
        }
        if isInOrder { return visible }
        let chosen = Dictionary(visible.map { ($0.name, $0) }) { first, second in
            first.isPreferred(to: second, by: plan) ? first : second
        }
        return chosen.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

extension JobTable {
    fileprivate func isPreferred(to other: Self, by plan: JobPlan) -> Bool {
        let isOwn = self.dataset == plan.dataset
        guard isOwn == (other.dataset == plan.dataset) else { return isOwn }
        guard self.dataset == other.dataset else { return self.dataset > other.dataset }
        guard self.manifestHash == other.manifestHash else {
            return self.manifestHash.utf8.lexicographicallyPrecedes(other.manifestHash.utf8)
                == false
        }
        return self.revision > other.revision
    }
}
