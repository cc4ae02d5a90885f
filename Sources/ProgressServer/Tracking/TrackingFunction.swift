/// A trigger function: it writes to `progress.log` which keys a statement changed.
///
/// The function runs as its owner, so that writers need no rights in schema `progress`, and finds names
/// in the system catalog alone, so that nothing a writer creates can stand in for what it calls. The
/// rows of the statement are in `changed`, for an UPDATE in `before` and `after`. A statement that
/// changed no row logs none; one that changed many logs one for each key.
struct TrackingFunction: Hashable, Sendable {
    let name: String
    /// What follows AS: the text of `pg_proc.prosrc`.
    let body: String

    /// With more ids than this, one statement's change to a revision is logged without them.
    static let idLimit = 10_000

    var qualifiedName: String { "\(TrackingDefinition.schema).\(self.name)" }

    /// Creates it, or replaces one of the same name; nobody else may attach it to a table.
    var creation: String {
        """
        CREATE OR REPLACE FUNCTION \(self.qualifiedName)() RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
            AS $body$\(self.body)$body$;
        REVOKE ALL ON FUNCTION \(self.qualifiedName)() FROM PUBLIC;
        """
    }

    /// How ``TrackingStatements/catalog`` shows it when it is as it should be.
    var signature: String { "plpgsql true search_path=pg_catalog, pg_temp \(self.body)" }

    /// All of them.
    static let all: [Self] = [.jobs, .jobDetails, .revisions, .tables, .files, .everything]

    /// `F`: revision, and its files that the statement wrote or removed; a file that moved counts for both
    /// revisions.
    static let files = Self(
        name: "files_changed",
        update: """
            INSERT INTO progress.log (kind, key, ids)
            SELECT 'F', c.location_id, CASE WHEN count(*) <= \(Self.idLimit) THEN array_agg(c.id) END
              FROM (SELECT location_id, id FROM before UNION SELECT location_id, id FROM after) AS c
             GROUP BY c.location_id;
            """,
        otherwise: """
            INSERT INTO progress.log (kind, key, ids)
            SELECT 'F', c.location_id, CASE WHEN count(*) <= \(Self.idLimit) THEN array_agg(c.id) END
              FROM changed AS c GROUP BY c.location_id;
            """
    )

    /// `J`: job.
    static let jobs = Self(
        name: "jobs_changed",
        update: """
            INSERT INTO progress.log (kind, key)
            SELECT 'J', c.id FROM (SELECT id FROM before UNION SELECT id FROM after) AS c;
            """,
        otherwise: """
            INSERT INTO progress.log (kind, key) SELECT 'J', c.id FROM changed AS c;
            """
    )

    /// `J`: job of the row.
    static let jobDetails = Self(
        name: "job_details_changed",
        update: """
            INSERT INTO progress.log (kind, key)
            SELECT 'J', c.job_id
              FROM (SELECT job_id FROM before UNION SELECT job_id FROM after) AS c;
            """,
        otherwise: """
            INSERT INTO progress.log (kind, key)
            SELECT 'J', c.job_id FROM (SELECT DISTINCT job_id FROM changed) AS c;
            """
    )

    /// `J`: each writer that a revision had or has; an UPDATE of other columns logs nothing.
    static let revisions = Self(
        name: "revisions_changed",
        update: """
            INSERT INTO progress.log (kind, key)
            SELECT 'J', c.writer
              FROM ((SELECT id, writer FROM before EXCEPT SELECT id, writer FROM after)
                    UNION ALL
                    (SELECT id, writer FROM after EXCEPT SELECT id, writer FROM before)) AS c
             WHERE c.writer IS NOT NULL GROUP BY c.writer;
            """,
        otherwise: """
            INSERT INTO progress.log (kind, key)
            SELECT 'J', c.writer FROM changed AS c WHERE c.writer IS NOT NULL GROUP BY c.writer;
            """
    )

    /// `T`, 0: which tables count for which job; an UPDATE of other columns logs nothing.
    ///
    /// As many rows are in `before` as in `after`, so that one difference is empty when the other is.
    static let tables = Self(
        name: "tables_changed",
        update: """
            INSERT INTO progress.log (kind, key)
            SELECT 'T', 0
             WHERE EXISTS (SELECT dataset_namespace, dataset_name, table_name, manifest_hash,
                                  active_revision_id FROM before
                           EXCEPT ALL
                           SELECT dataset_namespace, dataset_name, table_name, manifest_hash,
                                  active_revision_id FROM after);
            """,
        otherwise: """
            INSERT INTO progress.log (kind, key) SELECT 'T', 0 WHERE EXISTS (SELECT FROM changed);
            """
    )

    /// `X`, 0: a table was emptied, by whatever number of rows.
    static let everything = Self(
        name: "everything_changed",
        body: """

            BEGIN
            INSERT INTO progress.log (kind, key) VALUES ('X', 0);
            RETURN NULL;
            END

            """
    )

    private init(name: String, body: String) {
        self.name = name
        self.body = body
    }

    private init(name: String, update: String, otherwise: String) {
        self.init(
            name: name,
            body: """

                BEGIN
                IF TG_OP = 'UPDATE' THEN
                \(update)
                ELSE
                \(otherwise)
                END IF;
                RETURN NULL;
                END

                """
        )
    }
}
