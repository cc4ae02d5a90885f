/// The statements that change an Amp database as Amp's own programs change it.
enum AmpStatements {
    /// `$1` node.
    static let beat = """
        INSERT INTO public.workers (node_id, info, heartbeat_at, created_at, registered_at)
        VALUES ($1, '{}', now(), now(), now())
        ON CONFLICT (node_id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
        """

    /// `$1` manifest hash, `$2` namespace, `$3` name.
    static let registerManifest = """
        WITH manifest AS (
            INSERT INTO public.manifest_files (hash, path) VALUES ($1, $1)
            ON CONFLICT (hash) DO NOTHING
        ), dataset AS (
            INSERT INTO public.dataset_manifests (namespace, name, hash) VALUES ($2, $3, $1)
            ON CONFLICT (namespace, name, hash) DO NOTHING
        )
        INSERT INTO public.tags (namespace, name, version, hash)
        SELECT $2, $3, version, $1 FROM unnest(ARRAY['latest', 'dev']) AS version
        ON CONFLICT (namespace, name, version) DO UPDATE SET hash = excluded.hash
        """

    /// `$1` node, `$2` what the job's key is the digest of; no row if the job exists.
    static let insertJob = """
        INSERT INTO public.jobs (node_id, idempotency_key)
        VALUES ($1, encode(sha256(convert_to($2, 'UTF8')), 'hex'))
        ON CONFLICT (idempotency_key) DO NOTHING
        RETURNING id
        """

    /// `$1` what the job's key is the digest of.
    static let findJob = """
        SELECT id FROM public.jobs
        WHERE idempotency_key = encode(sha256(convert_to($1, 'UTF8')), 'hex')
        """

    /// `$1` job, `$2` node, `$3` status, `$4` detail or NULL: its first status, and the event.
    static let insertStatus = """
        WITH status AS (
            INSERT INTO public.jobs_status (job_id, node_id, status, updated_at, detail)
            VALUES ($1, $2, $3, now(), $4::text::jsonb)
        )
        INSERT INTO public.job_events (job_id, node_id, event_type, detail)
        VALUES ($1, $2, $3, $4::text::jsonb)
        """

    /// `$1` job, `$2` status that it must have, `$3` new status, `$4` detail or NULL: one row if
    /// the job had that status.
    static let moveStatus = """
        WITH moved AS (
            UPDATE public.jobs_status SET status = $3, updated_at = now(),
                detail = $4::text::jsonb
            WHERE job_id = $1 AND status = $2
            RETURNING job_id, node_id
        )
        INSERT INTO public.job_events (job_id, node_id, event_type, detail)
        SELECT job_id, node_id, $3, $4::text::jsonb FROM moved
        RETURNING id
        """

    /// `$1` job: its status.
    static let status = "SELECT status FROM public.jobs_status WHERE job_id = $1"

    /// The oldest job that is active and writes an active table.
    static let activeJob = """
        SELECT s.job_id
        FROM public.jobs_status s
        JOIN public.physical_table_revisions r ON r.writer = s.job_id
        JOIN public.physical_tables t ON t.active_revision_id = r.id
        WHERE s.status IN ('SCHEDULED', 'RUNNING')
        ORDER BY s.job_id LIMIT 1
        """
}
