import Foundation
import ProgressRPC

extension PBJobProgress {
    /// A running job of `ethereum/mainnet` with two tables, one of them empty.
    static func sample(_ id: Int64 = 42) -> Self {
        var progress = Self()
        progress.jobID = id
        progress.jobStatus = "RUNNING"
        progress.tables = [
            .sample("transactions"),
            .sample("blocks", range: 0...21_500_000, files: 1247, bytes: 137_970_286_592),
        ]
        progress.version = Data(0..<16)
        return progress
    }
}

extension PBTableProgress {
    static func sample(
        _ name: String,
        range: ClosedRange<Int64>? = nil,
        files: Int64 = 0,
        bytes: Int64 = 0,
        dataset: (namespace: String, name: String) = ("ethereum", "mainnet")
    ) -> Self {
        var table = Self()
        table.name = name
        if let range {
            table.startBlock = range.lowerBound
            table.currentBlock = range.upperBound
        }
        table.filesCount = files
        table.totalSizeBytes = bytes
        table.datasetNamespace = dataset.namespace
        table.datasetName = dataset.name
        return table
    }
}
