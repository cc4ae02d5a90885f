import ProgressPostgres
import TestSupport
import Testing

@testable import ProgressServer

@Suite("The state of change tracking", .requiresPostgres, .timeLimit(.minutes(2)))
struct TrackingStatusTests {
    @Test func aSoundOneIsDescribed() async throws {
        let database = try await AmpDatabase.makeTracked()
        let fresh = try await database.track(.status)
        #expect(fresh.hasPrefix("change tracking is sound; version 1 of 20"))
        #expect(fresh.contains("covering jobs, jobs_status, job_events, physical_table_revisions,"))
        #expect(fresh.hasSuffix("; 0 log rows; never pruned"))
        try await database.execute("DELETE FROM file_metadata WHERE location_id = 1")
        _ = try await database.track(.prune)
        let later = try await database.track(.status)
        #expect(later.contains("; 1 log rows, the oldest "), "\(later)")
        #expect(later.contains(" transactions old; last pruned "), "\(later)")
    }

    @Test func withoutItStatusAndPruneSaySo() async throws {
        let database = try await AmpDatabase.make()
        #expect(await database.complaint(about: .status) == "change tracking is not installed")
        #expect(await database.complaint(about: .prune) == "change tracking is not installed")
    }

    /// Damage, what it is called, and whether a server sees it by its next look.
    struct Damage: Sendable {
        var script: String
        var words: String
        var isSeenByLooks = true
        var isMended = true
    }

    static let damages = [
        Damage(
            script: "ALTER TABLE file_metadata DISABLE TRIGGER progress_insert",
            words: "trigger file_metadata.progress_insert is disabled"
        ),
        Damage(
            script: "ALTER TABLE jobs ENABLE TRIGGER progress_truncate",
            words: "trigger jobs.progress_truncate is not always enabled"
        ),
        Damage(
            script: "ALTER TABLE jobs ENABLE REPLICA TRIGGER progress_update",
            words: "trigger jobs.progress_update is not always enabled"
        ),
        Damage(
            script: "DROP TRIGGER progress_delete ON job_events",
            words: "trigger job_events.progress_delete is missing"
        ),
        Damage(
            script: """
                DROP TRIGGER progress_truncate ON jobs;
                CREATE TRIGGER progress_truncate AFTER TRUNCATE ON jobs
                    EXECUTE FUNCTION progress.jobs_changed();
                ALTER TABLE jobs ENABLE ALWAYS TRIGGER progress_truncate
                """,
            words: "trigger jobs.progress_truncate is altered"
        ),
        Damage(
            script: """
                CREATE TRIGGER progress_more AFTER TRUNCATE ON jobs
                    EXECUTE FUNCTION progress.everything_changed()
                """,
            words: "trigger jobs.progress_more is not this program's",
            isSeenByLooks: false,
            isMended: false
        ),
        Damage(
            script: """
                CREATE OR REPLACE FUNCTION progress.jobs_changed() RETURNS trigger LANGUAGE plpgsql
                    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'
                """,
            words: "function progress.jobs_changed is altered"
        ),
        Damage(
            script: "ALTER FUNCTION progress.files_changed() SECURITY INVOKER",
            words: "function progress.files_changed is altered"
        ),
        Damage(
            script: "ALTER FUNCTION progress.files_changed() RESET search_path",
            words: "function progress.files_changed is altered"
        ),
        Damage(
            script: "DROP FUNCTION progress.tables_changed() CASCADE",
            words: "function progress.tables_changed is missing"
        ),
        Damage(
            script: "DROP TABLE progress.log",
            words: "table progress.log is missing"
        ),
        Damage(
            script: "ALTER TABLE progress.log ALTER xid DROP DEFAULT",
            words: "table progress.log is altered",
            isSeenByLooks: false,
            isMended: false
        ),
        Damage(
            script: "DROP INDEX progress.log_xid",
            words: "index progress.log_xid is missing",
            isSeenByLooks: false
        ),
        Damage(
            script: "ALTER TABLE jobs_status RENAME TO s; CREATE TABLE public.jobs_status (LIKE s)",
            words: "trigger jobs_status.progress_insert is missing"
        ),
        Damage(
            script: "CREATE SCHEMA other; ALTER TABLE file_metadata SET SCHEMA other",
            words: "table file_metadata is missing",
            isMended: false
        ),
        Damage(
            script: "DROP TABLE file_metadata CASCADE",
            words: "table file_metadata is missing",
            isMended: false
        ),
    ]

    @Test(arguments: damages)
    func damageIsNamedSeenByServersAndMended(_ damage: Damage) async throws {
        let database = try await AmpDatabase.makeTracked()
        let sound = try await database.trackingCatalog()
        try await database.execute(damage.script)
        #expect(await database.complaint(about: .status).contains(damage.words))
        let damaged = try await database.trackingCatalog()
        #expect(!damaged.isSound)
        #expect(damaged.damage.contains(damage.words), "\(damaged.damage)")
        #expect(try await database.isUnchanged(since: sound) != damage.isSeenByLooks)
        if damage.isMended {
            _ = try await database.track(.install(readers: []))
            #expect(try await database.trackingCatalog().isSound)
        } else {
            #expect(await !database.complaint(about: .install(readers: [])).hasPrefix("no error"))
            #expect(try await database.trackingCatalog() == damaged)
        }
    }

    @Test func whatAmpDoesEveryDayIsNoChange() async throws {
        let database = try await AmpDatabase.makeTracked()
        let before = try await database.trackingCatalog()
        try await database.execute("DELETE FROM file_metadata; DELETE FROM jobs")
        // Each alone, as none may run in a transaction.
        for statement in [
            "VACUUM ANALYZE file_metadata", "VACUUM FREEZE pg_catalog.pg_trigger", "ANALYZE",
        ] {
            try await database.execute(statement)
        }
        #expect(try await database.trackingCatalog() == before)
        #expect(try await database.isUnchanged(since: before))
        try await database.execute("TRUNCATE progress.log")
        #expect(try await !database.isUnchanged(since: before))
    }

    @Test func anObstacleIsToldFromAnEmptySchemaThatWasMadeForUs() async throws {
        let database = try await AmpDatabase.make()
        try await database.execute("CREATE SCHEMA progress")
        #expect(await database.complaint(about: .status) == "change tracking is not installed")
        let removal = try await database.track(.remove)
        #expect(removal.hasSuffix("nothing was changed"))
        _ = try await database.track(.install(readers: []))
        #expect(try await database.trackingCatalog().isSound)
    }
}
