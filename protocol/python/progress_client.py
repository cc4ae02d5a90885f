"""A client of the progress protocol, version 1: `ProgressClient`.

    with ProgressClient("/run/progress/progress.sock") as client:
        print(client.job_progress(42))

It needs the standard library and `protobuf`; it is for one thread.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import progress_pb2 as pb
from progress_connection import Connection
from progress_errors import ConnectionLost, RPCError
from progress_handshake import clock_id
from progress_messages import BadMessage, M, decoded
from progress_reply import Reply
from progress_wire import Feature, Flag, Method, Status

__all__ = [
    "Connection",
    "ConnectionLost",
    "Feature",
    "Flag",
    "Method",
    "ProgressClient",
    "RPCError",
    "Reply",
    "Status",
    "clock_id",
]


class ProgressClient:
    """Calls a progress server: connects on demand, and again when the connection was lost.

    With `requires_scope`, each call must carry a scope and sees no more than that (SPEC.md, 9.2).
    Timeouts are in seconds and bound a call as a whole, with its connecting and its one retry.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        name: str = "progress-python",
        requires_scope: bool = False,
        max_recv: int = 4_194_304,
        timeout: float = 10.0,
    ) -> None:
        self._path = path
        self._name = name
        self._max_recv = max_recv
        self._timeout = timeout
        self._features = Feature.LZ4 | Feature.CLOCK
        if requires_scope:
            self._features |= Feature.SCOPE
        self._connection: Connection | None = None

    def call(
        self,
        method: int,
        body: bytes = b"",
        *,
        timeout: float | None = None,
        scope: pb.Scope | None = None,
        caller: str = "",
        traceparent: str = "",
        accepts_lz4: bool = False,
    ) -> Reply:
        """Calls a method with bytes; raises `RPCError`.

        The call is sent once more, on a fresh connection, where SPEC.md 6.8 allows it.
        """
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        meta = pb.RequestMeta(scope=scope, caller=caller, traceparent=traceparent)
        try:
            return self._call_once(method, body, deadline, meta, accepts_lz4)
        except RPCError as error:
            pause = error.retry_after_ms / 1000
            if not error.may_be_sent_again or time.monotonic() + pause >= deadline:
                raise
            self.close()
            time.sleep(pause)
            return self._call_once(method, body, deadline, meta, accepts_lz4)

    def job_progress(
        self,
        job_id: int,
        *,
        known_version: bytes = b"",
        max_staleness_ms: int = 0,
        wait_ms: int = 0,
        scope: pb.Scope | None = None,
        timeout: float | None = None,
    ) -> pb.JobProgress | None:
        """How far a job is; `None` if `known_version` still stands; raises `RPCError`.

        With `wait_ms` the server waits so long for another version than `known_version`, and the
        call may take so much longer than `timeout`.
        """
        request = pb.GetJobProgressRequest(
            job_id=job_id,
            known_version=known_version,
            max_staleness_ms=max_staleness_ms,
            wait_ms=wait_ms,
        )
        body = request.SerializeToString()
        timeout = self._allowing(wait_ms, timeout)
        reply = self.call(Method.GET_JOB_PROGRESS, body, scope=scope, timeout=timeout)
        return None if reply.is_not_modified else _decoded(reply, pb.JobProgress())

    def job_progress_batch(
        self,
        jobs: Mapping[int, bytes],
        *,
        max_staleness_ms: int = 0,
        wait_ms: int = 0,
        scope: pb.Scope | None = None,
        timeout: float | None = None,
    ) -> pb.GetJobProgressBatchResponse:
        """How far several jobs are, at one moment; raises `RPCError`.

        `jobs` has the version that the caller holds of each, or no bytes. A job that is neither
        in `changed` nor in `failed` still has that version.
        """
        request = pb.GetJobProgressBatchRequest(
            jobs=[pb.KnownJob(job_id=id, known_version=known) for id, known in jobs.items()],
            max_staleness_ms=max_staleness_ms,
            wait_ms=wait_ms,
        )
        body = request.SerializeToString()
        timeout = self._allowing(wait_ms, timeout)
        reply = self.call(Method.GET_JOB_PROGRESS_BATCH, body, scope=scope, timeout=timeout)
        return _decoded(reply, pb.GetJobProgressBatchResponse())

    def describe(self) -> pb.DescribeResponse:
        """What the server is and which methods it has; raises `RPCError`."""
        return _decoded(self.call(Method.DESCRIBE), pb.DescribeResponse())

    def health(self) -> pb.HealthResponse:
        """Whether the server can answer; raises `RPCError`."""
        return _decoded(self.call(Method.HEALTH), pb.HealthResponse())

    def stats(self) -> pb.StatsResponse:
        """What the server has counted since its start; raises `RPCError`."""
        return _decoded(self.call(Method.STATS), pb.StatsResponse())

    def echo(self, octets: bytes, *, accepts_lz4: bool = False) -> bytes:
        """The same bytes, after a round trip; raises `RPCError`."""
        return self.call(Method.ECHO, octets, accepts_lz4=accepts_lz4).body

    def close(self) -> None:
        """Closes the connection; the next call makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> ProgressClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _allowing(self, wait_ms: int, timeout: float | None) -> float:
        """The timeout of a call that may wait at the server."""
        return (self._timeout if timeout is None else timeout) + wait_ms / 1000

    def _call_once(
        self, method: int, body: bytes, deadline: float, meta: pb.RequestMeta, accepts_lz4: bool
    ) -> Reply:
        try:
            connection = self._connection
            if connection is None or not connection.is_usable:
                self.close()
                connection = Connection.open(
                    self._path,
                    name=self._name,
                    features=self._features,
                    max_recv=self._max_recv,
                    timeout=_remaining(deadline),
                )
                self._connection = connection
            return connection.call(
                method, body, timeout=_remaining(deadline), meta=meta, accepts_lz4=accepts_lz4
            )
        except TimeoutError:
            self.close()
            raise RPCError(Status.DEADLINE_EXCEEDED, "no answer in time") from None


def _remaining(deadline: float) -> float:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError("the deadline has passed")
    return remaining


def _decoded(reply: Reply, message: M) -> M:
    try:
        return decoded(reply.body, message)
    except BadMessage as error:
        raise RPCError(Status.BAD_MESSAGE, str(error)) from error
