"""`messages.json`: the messages of `progress.proto` as bytes and as proto3 JSON."""

from __future__ import annotations

import base64
import struct
from typing import Any

from .encoding import MAX_I64, MAX_U32, MAX_U64, b, f32, f64, v, varint

_vectors: list[dict[str, Any]] = []


def _good(
    name: str, message: str, octets: bytes, json: dict[str, Any], canonical: bool = True,
    spec: str = "progress.proto",
) -> None:
    _vectors.append({
        "name": name, "spec": spec, "message": message, "hex": octets.hex(),
        "expect": {"json": json, "canonical": canonical},
    })


def _bad(name: str, message: str, octets: bytes) -> None:
    _vectors.append({
        "name": name, "spec": "5.9", "message": message, "hex": octets.hex(),
        "expect": {"error": "bad_message"},
    })


def double(number: int, value: float) -> bytes:
    return f64(number, int.from_bytes(struct.pack("<d", value), "little"))


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


_ALL = ("Hello", "Welcome", "RequestMeta", "Scope", "DatasetPattern", "Error", "DescribeRequest",
        "DescribeResponse", "MethodDescription", "HealthRequest", "HealthResponse", "StatsRequest",
        "StatsResponse", "MethodStats", "GetJobProgressRequest", "JobProgress", "TableProgress",
        "Moment", "GetJobProgressBatchRequest", "KnownJob", "GetJobProgressBatchResponse",
        "JobFailure", "Job", "GetJobRequest", "GetJobResponse", "ListJobsRequest", "ListJobsResponse",
        "ListDatasetJobsRequest", "ListDatasetJobsResponse", "JobEvent", "ListJobEventsRequest",
        "ListJobEventsResponse", "GetJobEventRequest", "GetJobEventResponse",
        "JobOutlook", "TableOutlook", "BlockSpan", "NetworkSpan", "UnreadableFile")


def _every_message() -> None:
    for message in _ALL:
        _good(f"empty {message}", message, b"", {})
        _good(f"{message} with unknown fields of each wire type", message,
              v(100, 1) + f64(101, 2) + b(102, "later") + f32(103, 4) + v(536_870_911, MAX_U64), {},
              False, "5.11")
        _bad(f"{message} cut off in a tag", message, b"\x80")
        _bad(f"{message} cut off in an unknown field", message, b(102, "later")[:-1])


def _handshake_and_calls() -> None:
    _good("Hello", "Hello", b(1, "progress-gateway") + b(2, "0.1.0") + b(3, b"\x00\xff"),
          {"name": "progress-gateway", "version": "0.1.0", "clockId": _base64(b"\x00\xff")})
    _good("Welcome", "Welcome",
          b(1, "progress-server") + b(2, "0.1.0") + f64(3, MAX_U64) + b(4, b"id") + v(5, MAX_U32),
          {"name": "progress-server", "version": "0.1.0", "epoch": str(MAX_U64),
           "clockId": _base64(b"id"), "defaultTimeoutMs": MAX_U32})
    _good("Welcome that refuses", "Welcome", b(6, b(1, "full") + b(2, "X") + v(3, 1)),
          {"refusal": {"message": "full", "reason": "X", "retryAfterMs": 1}})
    _good("Welcome with an empty refusal", "Welcome", b(6, b""), {"refusal": {}})
    scope = b(2, b(1, "eth") + b(2, "mainnet")) + b(2, b(1, "base")) + b(2, b"") + v(3, 1)
    _good("RequestMeta", "RequestMeta",
          b(1, scope) + b(2, "00-" + "a" * 32 + "-" + "b" * 16 + "-01") + b(3, "alice")
          + f64(4, 2**63) + f64(5, 1),
          {"scope": {"details": True, "datasets": [
              {"namespace": "eth", "name": "mainnet"}, {"namespace": "base"}, {}]},
           "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "caller": "alice",
           "sentAtNs": str(2**63), "requireEpoch": "1"})
    _good("RequestMeta with an empty scope is not one without", "RequestMeta", b(1, b""),
          {"scope": {}})
    _good("Scope of all", "Scope", v(1, 1), {"all": True})
    _good("DatasetPattern", "DatasetPattern", b(1, "n") + b(2, "à☂𝄞"),
          {"namespace": "n", "name": "à☂𝄞"})
    detail = b(4, b(1, "limit") + b(2, "1024"))
    _good("Error", "Error", b(1, "no") + b(2, "JOB_NOT_FOUND") + v(3, MAX_U32) + detail,
          {"message": "no", "reason": "JOB_NOT_FOUND", "retryAfterMs": MAX_U32,
           "details": {"limit": "1024"}})
    _good("Error with two details", "Error", detail + b(4, b(1, "needed") + b(2, "2004")),
          {"details": {"limit": "1024", "needed": "2004"}}, False)
    _good("Error with a detail twice: the last counts", "Error",
          b(4, b(1, "k") + b(2, "old")) + b(4, b(1, "k") + b(2, "new")), {"details": {"k": "new"}},
          False)
    _good("Error with an empty detail", "Error", b(4, b""), {"details": {"": ""}}, False)


def _service() -> None:
    methods = b(4, v(1, 4) + b(2, "Echo")) + b(4, v(1, MAX_U32) + v(3, 1))
    _good("DescribeResponse", "DescribeResponse", b(1, "s") + b(2, "0.1.0") + f64(3, 5) + methods,
          {"name": "s", "version": "0.1.0", "epoch": "5",
           "methods": [{"id": 4, "name": "Echo"}, {"id": MAX_U32, "stream": True}]})
    _good("MethodDescription", "MethodDescription", v(1, 16) + b(2, "GetJobProgress"),
          {"id": 16, "name": "GetJobProgress"})
    _good("HealthResponse", "HealthResponse",
          v(1, 1) + b(2, "connected") + b(3, "G") + b(4, "log") + v(5, MAX_U64) + v(6, 1)
          + v(7, MAX_U32),
          {"status": "SERVING", "database": "connected", "schemaEra": "G", "currency": "log",
           "uptimeMs": str(MAX_U64), "standby": True, "replayLagMs": MAX_U32})
    _good("HealthResponse with a status nobody knows", "HealthResponse", v(1, 9), {"status": 9})
    stats = v(1, 16) + b(2, v(1, 5) + v(2, MAX_U64)) + b(3, varint(0) + varint(300) + varint(7))
    stats_json = {"method": 16, "calls": {"5": str(MAX_U64)}, "latencyLog2": ["0", "300", "7"]}
    _good("MethodStats", "MethodStats", stats, stats_json)
    _good("MethodStats with counts that are not packed", "MethodStats",
          v(3, 0) + v(3, 300) + v(3, 7), {"latencyLog2": ["0", "300", "7"]}, False)
    _good("MethodStats with a code twice: the last counts", "MethodStats",
          b(2, v(1, 0) + v(2, 1)) + b(2, v(1, 0) + v(2, 2)), {"calls": {"0": "2"}}, False)
    _good("StatsResponse", "StatsResponse",
          f64(1, 5) + v(2, 1000) + v(3, 4096) + v(4, 256) + b(5, stats)
          + b(6, b(1, "bytes") + v(2, MAX_U64)),
          {"epoch": "5", "uptimeMs": "1000", "connections": 4096, "callsInFlight": 256,
           "methods": [stats_json], "cache": {"bytes": str(MAX_U64)}})


def _job_progress() -> None:
    _good("GetJobProgressRequest", "GetJobProgressRequest", v(1, 42), {"jobId": "42"})
    _good("GetJobProgressRequest of all that is largest", "GetJobProgressRequest",
          v(1, MAX_I64) + b(2, bytes(range(16))) + v(3, MAX_U32) + v(4, MAX_U32),
          {"jobId": str(MAX_I64), "knownVersion": _base64(bytes(range(16))),
           "maxStalenessMs": MAX_U32, "waitMs": MAX_U32})
    _good("GetJobProgressRequest of -1", "GetJobProgressRequest", v(1, -1), {"jobId": "-1"})
    _good("GetJobProgressRequest of -2^63", "GetJobProgressRequest", v(1, -(2**63)),
          {"jobId": str(-(2**63))})
    _good("GetJobProgressRequest with a default written out", "GetJobProgressRequest", v(1, 0), {},
          False)
    _good("GetJobProgressRequest with a job twice: the last counts", "GetJobProgressRequest",
          v(1, 41) + v(1, 42), {"jobId": "42"}, False)
    _good("GetJobProgressRequest with a varint longer than it need be", "GetJobProgressRequest",
          b"\x08\xaa\x80\x00", {"jobId": "42"}, False)
    table = (b(1, "blocks") + v(2, MAX_I64) + v(3, 0) + v(4, 3) + v(5, MAX_I64) + b(6, "eth")
             + b(7, "mainnet"))
    table_json = {"name": "blocks", "currentBlock": str(MAX_I64), "startBlock": "0",
                  "filesCount": "3", "totalSizeBytes": str(MAX_I64), "datasetNamespace": "eth",
                  "datasetName": "mainnet"}
    _good("TableProgress", "TableProgress", table, table_json)
    _good("TableProgress without data: no blocks", "TableProgress", b(1, "logs"), {"name": "logs"})
    _good("TableProgress at block 0: present, not absent", "TableProgress", v(2, 0) + v(3, 0),
          {"currentBlock": "0", "startBlock": "0"})
    _good("TableProgress with negative blocks", "TableProgress", v(2, -1) + v(3, -(2**63)),
          {"currentBlock": "-1", "startBlock": str(-(2**63))})
    moment = b(1, "100:105:101,103") + f64(2, MAX_U64) + v(3, 1_795_000_000_000_000)
    moment_json = {"snapshot": "100:105:101,103", "epoch": str(MAX_U64),
                   "observedAtUs": "1795000000000000"}
    _good("Moment", "Moment", moment, moment_json)
    _good("JobProgress", "JobProgress",
          v(1, 42) + b(2, "RUNNING") + b(3, table) + b(3, b(1, "logs")) + b(5, bytes(16))
          + b(6, moment),
          {"jobId": "42", "jobStatus": "RUNNING", "tables": [table_json, {"name": "logs"}],
           "version": _base64(bytes(16)), "asOf": moment_json})
    _good("JobProgress with a detail", "JobProgress", b(2, "ERROR") + b(4, '{"error":"x"}'),
          {"jobStatus": "ERROR", "detailJson": '{"error":"x"}'})
    _good("JobProgress with an empty detail: present, not absent", "JobProgress", b(4, ""),
          {"detailJson": ""})
    _good("JobProgress with a moment in two parts: they are merged", "JobProgress",
          b(6, b(1, "1:2:")) + b(6, f64(2, 9)), {"asOf": {"snapshot": "1:2:", "epoch": "9"}}, False)
    _good("JobProgress of an age of 0: present, not absent", "JobProgress", v(1, 42) + v(7, 0),
          {"jobId": "42", "ageUs": 0})
    _good("JobProgress with fields in another order", "JobProgress", b(2, "FATAL") + v(1, 7),
          {"jobId": "7", "jobStatus": "FATAL"}, False)


def _batch() -> None:
    known = b(1, v(1, 42) + b(2, bytes(range(16))))
    _good("GetJobProgressBatchRequest", "GetJobProgressBatchRequest",
          known + b(1, v(1, MAX_I64)) + v(2, MAX_U32) + v(3, 60_000),
          {"jobs": [{"jobId": "42", "knownVersion": _base64(bytes(range(16)))},
                    {"jobId": str(MAX_I64)}],
           "maxStalenessMs": MAX_U32, "waitMs": 60_000})
    _good("GetJobProgressBatchRequest with an empty job", "GetJobProgressBatchRequest", b(1, b""),
          {"jobs": [{}]})
    error = b(1, "job '7' not found") + b(2, "JOB_NOT_FOUND")
    failed = v(1, 7) + v(2, 5) + b(3, error)
    failed_json = {"jobId": "7", "code": 5,
                   "error": {"message": "job '7' not found", "reason": "JOB_NOT_FOUND"}}
    _good("JobFailure", "JobFailure", failed, failed_json)
    _good("GetJobProgressBatchResponse", "GetJobProgressBatchResponse",
          b(1, v(1, 42) + b(2, "RUNNING")) + b(2, failed) + b(3, b(1, "1:1:")) + v(4, 0),
          {"changed": [{"jobId": "42", "jobStatus": "RUNNING"}], "failed": [failed_json],
           "asOf": {"snapshot": "1:1:"}, "ageUs": 0})


def _jobs() -> None:
    job = (v(1, 42) + v(2, 1_767_323_045_678_901) + v(3, MAX_I64) + b(4, "n") + b(5, "RUNNING")
           + b(6, "{}") + b(7, "eth") + b(8, "main") + b(9, "blocks") + b(9, "logs"))
    job_json = {"id": "42", "createdAtUs": "1767323045678901", "updatedAtUs": str(MAX_I64), "nodeId": "n",
                "status": "RUNNING", "descriptorJson": "{}", "datasetNamespace": "eth",
                "datasetName": "main", "tables": ["blocks", "logs"]}
    moment, moment_json = b(1, "1:1:"), {"snapshot": "1:1:"}
    _good("Job", "Job", job, job_json)
    _good("Job with an empty descriptor", "Job", b(6, ""), {"descriptorJson": ""})
    _good("GetJobRequest", "GetJobRequest", v(1, MAX_I64), {"jobId": str(MAX_I64)})
    _good("GetJobResponse", "GetJobResponse", b(1, job) + b(2, moment),
          {"job": job_json, "asOf": moment_json})
    _good("ListJobsRequest", "ListJobsRequest",
          v(1, 1_000) + v(2, 7) + b(3, "RUNNING") + b(3, "ERROR"),
          {"limit": 1_000, "lastJobId": "7", "statuses": ["RUNNING", "ERROR"]})
    _good("ListJobsResponse", "ListJobsResponse", b(1, job) + b(1, b"") + v(2, 41) + b(3, moment),
          {"jobs": [job_json, {}], "nextCursor": "41", "asOf": moment_json})
    _good("ListDatasetJobsRequest", "ListDatasetJobsRequest",
          b(1, "eth") + b(2, "main") + b(3, "latest") + v(4, 1) + v(5, 7),
          {"namespace": "eth", "name": "main", "revision": "latest", "limit": 1, "lastJobId": "7"})
    _good("ListDatasetJobsResponse", "ListDatasetJobsResponse",
          b(1, "ab") + b(2, job) + v(3, 42) + b(4, moment),
          {"manifestHash": "ab", "jobs": [job_json], "nextCursor": "42", "asOf": moment_json})
    event = v(1, 3) + v(2, 1) + b(3, "n") + b(4, "ERROR") + b(5, "null")
    event_json = {"id": "3", "createdAtUs": "1", "nodeId": "n", "eventType": "ERROR", "detailJson": "null"}
    _good("JobEvent", "JobEvent", event, event_json)
    _good("ListJobEventsRequest", "ListJobEventsRequest", v(1, 42) + v(2, 10_000) + v(3, 2),
          {"jobId": "42", "limit": 10_000, "lastEventId": "2"})
    _good("ListJobEventsResponse", "ListJobEventsResponse", v(1, 42) + b(2, event) + v(3, 3) + b(4, moment),
          {"jobId": "42", "events": [event_json], "nextCursor": "3", "asOf": moment_json})
    _good("GetJobEventRequest", "GetJobEventRequest", v(1, 42) + v(2, 3), {"jobId": "42", "eventId": "3"})
    _good("GetJobEventResponse", "GetJobEventResponse", v(1, 42) + b(2, event) + b(3, moment),
          {"jobId": "42", "event": event_json, "asOf": moment_json})


def _outlook() -> None:
    _good("GetJobProgressRequest with view FULL", "GetJobProgressRequest", v(1, 42) + v(5, 1),
          {"jobId": "42", "view": "FULL"})
    span, span_json = v(1, 10) + v(2, MAX_U64), {"startBlock": "10", "endBlock": str(MAX_U64)}
    _good("BlockSpan", "BlockSpan", span, span_json)
    _good("MissingRanges", "MissingRanges", b(1, span) + b(1, v(1, 1)) + v(2, MAX_U32),
          {"ranges": [span_json, {"startBlock": "1"}], "omitted": MAX_U32})
    network = b(1, "base") + b(2, span)
    _good("NetworkSpan", "NetworkSpan", network, {"network": "base", "blocks": span_json})
    table = (b(1, "blocks") + v(2, 7) + b(3, "ab") + v(4, 0) + double(5, 25.5) + double(6, 0.0) + v(7, 30)
             + v(8, 1) + b(9, b(1, span) + v(2, 2)) + b(10, b"") + v(11, 1) + b(12, network))
    table_json = {"name": "blocks", "revision": "7", "manifestHash": "ab", "endBlock": "0", "percent": 25.5,
                  "blocksPerSecond": 0.0, "etaSeconds": "30", "lastFileAtUs": "1",
                  "missing": {"ranges": [span_json], "omitted": 2}, "fork": {}, "forkFiles": 1,
                  "networks": [{"network": "base", "blocks": span_json}]}
    _good("TableOutlook", "TableOutlook", table, table_json)
    file = v(1, 2**63 - 1) + b(2, "created_at is missing; it must be an object")
    _good("UnreadableFile", "UnreadableFile", file,
          {"fileId": str(2**63 - 1), "reason": "created_at is missing; it must be an object"})
    files = b(1, file) + b(1, v(1, 1)) + v(2, MAX_U32)
    files_json = {"files": [{"fileId": str(2**63 - 1), "reason": "created_at is missing; it must be an object"},
                            {"fileId": "1"}], "omitted": MAX_U32}
    _good("UnreadableFiles", "UnreadableFiles", files, files_json)
    _good("TableOutlook with files that cannot be decoded", "TableOutlook", b(1, "blocks") + b(9, b"") + b(13, files),
          {"name": "blocks", "missing": {}, "unreadable": files_json})
    outlook = (b(1, "eth") + b(2, "main") + double(3, 100.0) + v(4, 0) + v(5, 1) + v(6, 1) + b(7, table))
    outlook_json = {"datasetNamespace": "eth", "datasetName": "main", "percent": 100.0, "etaSeconds": "0",
                    "lastFileAtUs": "1", "stalledSinceUs": "1", "tables": [table_json]}
    _good("JobOutlook", "JobOutlook", outlook, outlook_json)
    _good("JobProgress with an outlook", "JobProgress", v(1, 42) + b(8, outlook),
          {"jobId": "42", "outlook": outlook_json})


def _broken() -> None:
    _bad("a string that is not UTF-8", "JobProgress", b(2, b"\xc3\x28"))
    _bad("a string with half a surrogate pair", "Error", b(1, b"\xed\xa0\x80"))
    _bad("a length beyond the end", "JobProgress", b"\x12\x7fRUNNING")
    _bad("a length of 2^64-1", "JobProgress", b"\x12" + varint(MAX_U64))
    _bad("a varint of eleven bytes", "GetJobProgressRequest", b"\x08" + b"\x80" * 10 + b"\x01")
    _bad("a varint cut off", "GetJobProgressRequest", b"\x08\x80\x80")
    _bad("a fixed64 cut off", "Welcome", f64(3, 1)[:-1])
    _bad("wire type 6", "GetJobProgressRequest", b"\x0e\x01")
    _bad("wire type 7", "GetJobProgressRequest", b"\x0f\x01")
    _bad("a group that does not end", "GetJobProgressRequest", b"\xa3\x06\x08\x01")
    _bad("an inner message cut off", "RequestMeta", b(1, b"\x12\x05ab"))
    _bad("packed counts cut off", "MethodStats", b(3, b"\x01\x80"))


def document() -> dict[str, Any]:
    """The whole file."""
    _vectors.clear()
    for part in (_every_message, _handshake_and_calls, _service, _job_progress, _batch, _jobs,
                 _outlook, _broken):
        part()
    return {"spec": "progress.proto of version 1", "vectors": _vectors}
