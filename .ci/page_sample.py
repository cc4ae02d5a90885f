"""Jobs for the page that the demo does not have, as SQL for an Amp database."""

import hashlib
import json
import time

HOSTILE = '<img src=x onerror="hostile=1"><script>hostile=1</script>'


def text(value):
    return "'" + value.replace("'", "''") + "'"


def document(value):
    return text(json.dumps(value)) + "::jsonb"


def digest(*parts):
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def files(name, spans, seconds, age=0, networks=("mainnet",), branch=""):
    """One file for each (first, last) block, `seconds` apart, the last one `age` seconds old; each
    follows on the one that ends right before it."""
    now = time.time() - age
    for index, (first, last) in enumerate(spans):
        made = int(now - (len(spans) - 1 - index) * seconds)
        yield {
            "table": name,
            "filename": f"{first:09}-{digest(name, first, branch)[:16]}.parquet",
            "created_at": {"secs": made, "nanos": 0},
            "ranges": [{
                "numbers": {"start": first, "end": last},
                "network": network,
                "hash": "0x" + digest(network, last, branch),
                "prev_hash": "0x" + (digest(network, first - 1, "") if first else "0" * 64),
                "timestamp": made,
            } for network in networks],
        }


def spans(first, last, step):
    return [(at, min(at + step - 1, last)) for at in range(first, last + 1, step)]


def job(dataset, status, tables, end=None, node="worker-1", detail=None, age=7_200):
    """A PL/pgSQL block that writes a job, which took its status `age` seconds ago, and what it has
    written, all in one statement."""
    namespace, name = dataset.split("/")
    manifest = digest(dataset)
    descriptor = {
        "kind": "materialize-raw", "end_block": end, "max_writers": 1, "verify": False,
        "dataset_namespace": namespace, "dataset_name": name, "manifest_hash": manifest,
    }
    told = document(detail) if detail else "NULL"
    since = f"now() - interval '{age} seconds'"
    lines = [
        "DO $sample$ DECLARE job bigint; revision bigint; BEGIN",
        "INSERT INTO workers (node_id, heartbeat_at)"
        f" VALUES ({text(node)}, now()) ON CONFLICT DO NOTHING;",
        f"INSERT INTO manifest_files (hash, path) VALUES ('{manifest}', '{manifest}');",
        "INSERT INTO dataset_manifests (namespace, name, hash)"
        f" VALUES ({text(namespace)}, {text(name)}, '{manifest}');",
        "INSERT INTO jobs (node_id, idempotency_key, created_at)"
        f" VALUES ({text(node)}, '{digest(manifest)}', {since}) RETURNING id INTO job;",
        "INSERT INTO jobs_status (job_id, node_id, status, updated_at, detail)"
        f" VALUES (job, {text(node)}, '{status}', {since}, {told});",
        "INSERT INTO job_events (job_id, node_id, event_type, detail)"
        f" VALUES (job, {text(node)}, 'SCHEDULED', {document(descriptor)}),"
        f" (job, {text(node)}, '{status}', {told});",
    ]
    for table, rows in tables.items():
        about = {
            "dataset_namespace": namespace, "dataset_name": name, "manifest_hash": manifest,
            "table_name": table,
        }
        lines += [
            "INSERT INTO physical_table_revisions (path, writer, metadata)"
            f" VALUES ({text(f'{dataset}/{table}/1')}, job, {document(about)})"
            " RETURNING id INTO revision;",
            "INSERT INTO physical_tables"
            " (dataset_namespace, dataset_name, manifest_hash, table_name, active_revision_id)"
            f" VALUES ({text(namespace)}, {text(name)}, '{manifest}', {text(table)}, revision);",
            "INSERT INTO file_metadata (location_id, file_name, url, object_size, metadata)"
            " SELECT revision, f->>'filename', 'file:///sample/',"
            " 30000 * ((f#>>'{ranges,0,numbers,end}')::bigint"
            " - (f#>>'{ranges,0,numbers,start}')::bigint + 1), f"
            f" FROM jsonb_array_elements({document(list(rows))}) f;",
        ]
    return "\n".join(lines + ["END $sample$;"])


def crowd(status, count):
    """A statement that writes jobs without data, newer than all that are there."""
    node = text("worker-1")
    descriptor = document({"dataset_namespace": "crowd", "dataset_name": status.lower()})
    return f"""
        WITH made AS (
            INSERT INTO jobs (node_id, idempotency_key, created_at)
            SELECT {node}, gen_random_uuid()::text, now() FROM generate_series(1, {count})
            RETURNING id
        ), told AS (
            INSERT INTO jobs_status (job_id, node_id, status, updated_at)
            SELECT id, {node}, {text(status)}, now() FROM made
        )
        INSERT INTO job_events (job_id, node_id, event_type, detail)
        SELECT id, {node}, 'SCHEDULED', {descriptor} FROM made;"""


def script(with_hostile):
    """Jobs with an end, with gaps, with a fork, of several networks, stalled and stopped; and one
    whose every name is markup."""
    ahead = spans(9_900_000, 10_899_999, 100_000) + spans(11_400_000, 12_299_999, 100_000)
    jobs = [
        job("evm/mainnet", "RUNNING", end=20_700_000, tables={
            "blocks": files("blocks", spans(0, 13_413_599, 100_000), 8, age=2),
            "logs": files("logs", spans(0, 9_749_999, 100_000) + ahead, 11, age=3),
            "transactions": files("transactions", spans(0, 12_899_999, 100_000), 9, age=1),
        }),
        job("evm/base", "RUNNING", node="worker-2", tables={
            "blocks": [
                *files("blocks", spans(38_000_000, 38_419_999, 10_000), 20, age=9),
                *files("blocks", [(38_410_000, 38_421_499)], 20, age=90, branch="fork"),
            ],
        }),
        job("bridge/transfers", "RUNNING", node="worker-2", tables={
            "deposits": files(
                "deposits", spans(21_000_000, 21_099_999, 10_000), 30, age=14,
                networks=("base", "mainnet"),
            ),
        }),
        job("evm/sepolia", "RUNNING", end=9_800_000, node="worker-3", tables={
            "blocks": files("blocks", spans(0, 6_124_999, 25_000), 8, age=2_640),
        }),
        job("evm/holesky", "STOPPED", end=3_000_000, node="worker-3", tables={
            "blocks": files("blocks", spans(0, 1_899_999, 50_000), 8, age=96_000),
        }),
    ]
    if with_hostile:
        detail = {"error_code": "<b>CODE</b>", "error_message": HOSTILE}
        rows = files("hostile", spans(0, 999, 100), 8)
        jobs.append(job("evm/hostile", "ERROR", {HOSTILE: rows}, node=HOSTILE, detail=detail))
    return "\n".join(jobs)
