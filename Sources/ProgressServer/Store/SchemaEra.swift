/// A shape of Amp's metadata database that this server reads.
enum SchemaEra: String, CaseIterable, Sendable {
    /// Amp's main branch since 2026-03-04: `jobs_status` beside `jobs`.
    case f = "F"
    /// As F, but `jobs` no longer repeats status, node, time of update and descriptor.
    case g = "G"
}
