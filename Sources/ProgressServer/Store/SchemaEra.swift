/// A shape of Amp's metadata database that this server reads.
enum SchemaEra: String, CaseIterable, Sendable {
    /// Releases v0.0.34 and v0.0.35: a row of `physical_tables` is a revision.
    case c = "C"
    /// February 2026: `physical_table_revisions` beside `physical_tables`.
    case d = "D"
    /// As D, with `job_events`.
    case e = "E"
    /// Amp's main branch since 2026-03-04: `jobs_status` beside `jobs`.
    case f = "F"
    /// As F, but `jobs` no longer repeats status, node, time of update and descriptor.
    case g = "G"
}
