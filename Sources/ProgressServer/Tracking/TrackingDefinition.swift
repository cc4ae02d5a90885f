/// What this version installs in schema `progress`.
enum TrackingDefinition {
    static let schema = "progress"

    /// Raised with every change to what is installed, so that operators see which they have; whether it
    /// serves is decided by comparing the catalog.
    static let version: Int64 = 1

    /// Every one of them must be there.
    static let triggers = TrackedTable.all.flatMap(\.triggers)

    /// The tables of ours, as ``TrackingStatements/catalog`` shows them.
    ///
    /// `log` has one row for each key that a statement changed, `horizon` what the pruner has seen, `meta`
    /// one row about the installation.
    static let tableSignatures = [
        "log": """
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(), kind "char" NOT NULL, key bigint NOT NULL, \
        ids bigint[]
        """,
        "horizon": "taken_at timestamp with time zone NOT NULL, xid xid8 NOT NULL",
        "meta": """
        version bigint NOT NULL, installed_at timestamp with time zone NOT NULL, tables text[] NOT NULL
        """,
    ]

    static let indexSignatures = ["log_xid": "log (xid)"]

    /// Creates what is missing of the tables.
    ///
    /// The log is only appended to and pruned: without the settings, vacuum would look at it too seldom.
    static let tableCreation = """
        CREATE SCHEMA IF NOT EXISTS progress;
        CREATE TABLE IF NOT EXISTS progress.log (\(tableSignatures["log", default: ""]))
            WITH (autovacuum_vacuum_insert_scale_factor = 0,
                  autovacuum_vacuum_insert_threshold = 20000);
        CREATE INDEX IF NOT EXISTS log_xid ON progress.log (xid);
        CREATE TABLE IF NOT EXISTS progress.horizon (\(tableSignatures["horizon", default: ""]));
        CREATE TABLE IF NOT EXISTS progress.meta (\(tableSignatures["meta", default: ""]));
        """

    /// Drops all but the triggers; fails if somebody else put something into the schema.
    static let schemaRemoval =
        TrackingFunction.all.map { "DROP FUNCTION IF EXISTS \($0.qualifiedName)();" }
        .joined(separator: "\n") + """

            DROP TABLE IF EXISTS progress.log, progress.horizon, progress.meta;
            DROP SCHEMA progress;
            """
}
