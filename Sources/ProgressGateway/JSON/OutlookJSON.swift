import NIOCore
import ProgressRPC

/// What `?include=` adds to the body of `GET /jobs/{id}/progress`: members behind those that Amp's
/// clients know.
package struct OutlookParts: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// End, percent, rate, time to go and the newest file.
    package static let estimates = Self(rawValue: 1)
    /// Missing ranges and a fork; the ranges of each network come with either.
    package static let ranges = Self(rawValue: 2)

    /// By the words of the query.
    package static let words: [(word: String, part: Self)] = [
        ("estimates", .estimates), ("ranges", .ranges),
    ]
}

extension ByteBuffer {
    /// Writes the members of a job, each behind a comma.
    mutating func writeOutlook(
        _ outlook: PBJobOutlook,
        observedAt: Int64,
        _ parts: OutlookParts
    ) {
        guard parts.contains(.estimates) else { return }
        self.writeStaticString(#","dataset":"#)
        if outlook.datasetName.isEmpty {
            self.writeStaticString("null")
        } else {
            self.writeJSON("\(outlook.datasetNamespace)/\(outlook.datasetName)")
        }
        self.writeStaticString(#","observed_at":"#)
        self.writeJSON(microseconds: observedAt)
        self.writeStaticString(#","percent":"#)
        self.writePercent(outlook.hasPercent ? outlook.percent : nil)
        self.writeStaticString(#","eta_seconds":"#)
        self.writeNumber(outlook.hasEtaSeconds ? outlook.etaSeconds : nil)
        self.writeStaticString(#","last_file_at":"#)
        self.writeTime(outlook.hasLastFileAtUs ? outlook.lastFileAtUs : nil)
        self.writeStaticString(#","stalled_since":"#)
        self.writeTime(outlook.hasStalledSinceUs ? outlook.stalledSinceUs : nil)
    }

    /// Writes the members of a table, each behind a comma.
    mutating func writeOutlook(_ table: PBTableOutlook, _ parts: OutlookParts) {
        if parts.contains(.estimates) { self.writeEstimates(table) }
        if parts.contains(.ranges) { self.writeRanges(table) }
        if !parts.isEmpty { self.writeNetworks(table) }
    }

    private mutating func writeEstimates(_ table: PBTableOutlook) {
        self.writeStaticString(#","revision":"#)
        self.writeJSON(table.revision)
        self.writeStaticString(#","manifest_hash":"#)
        self.writeJSON(table.manifestHash)
        self.writeStaticString(#","end_block":"#)
        self.writeNumber(table.hasEndBlock ? table.endBlock : nil)
        self.writeStaticString(#","percent":"#)
        self.writePercent(table.hasPercent ? table.percent : nil)
        self.writeStaticString(#","blocks_per_second":"#)
        self.writeRounded(table.hasBlocksPerSecond ? table.blocksPerSecond : nil)
        self.writeStaticString(#","eta_seconds":"#)
        self.writeNumber(table.hasEtaSeconds ? table.etaSeconds : nil)
        self.writeStaticString(#","last_file_at":"#)
        self.writeTime(table.hasLastFileAtUs ? table.lastFileAtUs : nil)
    }

    private mutating func writeRanges(_ table: PBTableOutlook) {
        self.writeStaticString(#","missing_ranges":"#)
        if table.hasMissing {
            let ranges = table.missing.ranges.map { "[\($0.startBlock),\($0.endBlock)]" }
            self.writeString("[\(ranges.joined(separator: ","))]")
        } else {
            self.writeStaticString("null")
        }
        self.writeStaticString(#","missing_omitted":"#)
        self.writeJSON(Int64(table.missing.omitted))
        self.writeStaticString(#","fork":"#)
        if table.hasFork {
            self.writeSpan(table.fork, more: #","files":\#(table.forkFiles)"#)
        } else {
            self.writeStaticString("null")
        }
    }

    /// Writes what tells a table of several networks, which has no numbers, from one without data.
    private mutating func writeNetworks(_ table: PBTableOutlook) {
        self.writeStaticString(#","networks":{"#)
        for (index, network) in table.networks.enumerated() {
            if index > 0 { self.writeStaticString(",") }
            self.writeJSON(network.network)
            self.writeStaticString(":")
            self.writeSpan(network.blocks)
        }
        self.writeStaticString("}")
    }

    private mutating func writeSpan(_ span: PBBlockSpan, more: String = "") {
        self.writeString(
            #"{"start_block":\#(span.startBlock),"end_block":\#(span.endBlock)\#(more)}"#
        )
    }

    private mutating func writeNumber(_ value: UInt64?) {
        self.writeString(value.map { String($0) } ?? "null")
    }

    /// Writes a number with at most two decimals that is 100 only if all is there.
    private mutating func writePercent(_ value: Double?) {
        self.writeRounded(value.map { $0 < 100 ? ($0 * 100).rounded(.down) / 100 : $0 })
    }

    /// Writes a finite number with at most two decimals.
    private mutating func writeRounded(_ value: Double?) {
        let text = value.map { $0.isFinite ? "\(($0 * 100).rounded() / 100)" : "null" }
        self.writeString(text ?? "null")
    }

    private mutating func writeTime(_ microseconds: Int64?) {
        if let microseconds {
            self.writeJSON(microseconds: microseconds)
        } else {
            self.writeStaticString("null")
        }
    }
}
