"""What any server of version 1 must do; `test_fake_server.py` and `test_server.py` run it."""

from __future__ import annotations

import socket
import time
import unittest

import progress_pb2 as pb
from progress_client import (
    Connection,
    Feature,
    Flag,
    Method,
    ProgressClient,
    RPCError,
    Status,
    clock_id,
)
from progress_handshake import Offer
from progress_wire import Frame, FrameDecoder, FrameType, RequestPayload, Side
from replay import Mismatch, replay, transcripts

NO_JOB = 2**63 - 1


def echo_raw(path: str, payload: RequestPayload) -> Frame:
    """The RESPONSE to an Echo that `Connection` would not send, on a connection with CLOCK."""
    offer = Offer(features=Feature.CLOCK)
    hello = offer.encode(pb.Hello(clock_id=clock_id()))
    request = Frame(FrameType.REQUEST, payload.encode(), code=Method.ECHO, call_id=1)
    decoder = FrameDecoder(Side.CLIENT, offer.max_recv)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(10)
        stream.connect(path)
        stream.sendall(Frame(FrameType.HELLO, hello).encode() + request.encode())
        while octets := stream.recv(65_536):
            decoder.feed(octets)
            while (frame := decoder.next_frame()) is not None:
                if frame.type is FrameType.RESPONSE:
                    return frame
    raise AssertionError("the server closed the connection without a RESPONSE")


class ServerChecks(unittest.TestCase):
    """Subclasses set `path`, and `job` to the id of a job that is there, or `None`."""

    path: str
    job: int | None = None

    def setUp(self) -> None:
        self.client = ProgressClient(self.path, name="server-checks")
        self.addCleanup(self.client.close)

    def assertFails(self, code: Status, reason: str | None = None) -> _Failing:
        """A context in which a call must fail with this code, and reason if given."""
        return _Failing(self, code, reason)

    # ------------------------------------------------------------ handshake

    def test_a_handshake_tells_version_limits_and_epoch(self) -> None:
        with Connection.open(self.path) as connection:
            self.assertEqual((connection.server.ver_min, connection.server.ver_max), (1, 1))
            self.assertGreaterEqual(connection.server.max_recv, 1024)
            self.assertGreaterEqual(connection.server.max_inflight, 1)
            self.assertEqual(connection.server.max_streams, 0)
            self.assertNotEqual(connection.welcome.epoch, 0)
            self.assertGreater(connection.welcome.default_timeout_ms, 0)
            self.assertNotEqual(connection.welcome.name, "")

    def test_features_that_were_not_asked_are_not_agreed(self) -> None:
        with Connection.open(self.path, features=Feature.NONE) as connection:
            self.assertEqual(connection.server.features, 0)

    def test_all_connections_tell_the_same_epoch(self) -> None:
        with Connection.open(self.path) as one, Connection.open(self.path) as two:
            self.assertEqual(one.welcome.epoch, two.welcome.epoch)
            described = pb.DescribeResponse.FromString(one.call(Method.DESCRIBE).body)
            self.assertEqual(described.epoch, one.welcome.epoch)

    def test_a_call_for_this_epoch_is_answered(self) -> None:
        with Connection.open(self.path) as connection:
            meta = pb.RequestMeta(require_epoch=connection.welcome.epoch)
            self.assertEqual(connection.call(Method.ECHO, b"x", meta=meta).body, b"x")

    def test_pings_are_answered_between_calls(self) -> None:
        with Connection.open(self.path) as connection:
            for _ in range(3):
                self.assertGreater(connection.ping(), 0)
                self.assertEqual(connection.call(Method.ECHO, b"x").body, b"x")

    # ------------------------------------------------------------ methods

    def test_describe_lists_the_methods_of_the_registry(self) -> None:
        methods = {method.id: method for method in self.client.describe().methods}
        names = {
            1: "Describe",
            2: "Health",
            3: "Stats",
            4: "Echo",
            16: "GetJobProgress",
            17: "GetJobProgressBatch",
        }
        self.assertLessEqual(set(names), set(methods))
        self.assertFalse(any(methods[number].stream for number in names))
        self.assertEqual({number: methods[number].name for number in names}, names)

    def test_health_says_that_it_serves(self) -> None:
        health = self.client.health()
        if self.job is not None:
            self.assertEqual(health.status, pb.HealthResponse.SERVING)
            self.assertEqual(health.database, "connected")
        self.assertNotEqual(health.status, pb.HealthResponse.STATUS_UNSPECIFIED)

    def test_stats_count_this_connection(self) -> None:
        stats = self.client.stats()
        self.assertGreaterEqual(stats.connections, 1)
        self.assertEqual(stats.epoch, self.client.describe().epoch)

    def test_echoes_of_many_sizes(self) -> None:
        with Connection.open(self.path) as connection:
            # 8 fixed bytes and a meta of 9, sent_at_ns, go with the body.
            largest = min(connection.server.max_recv - 17, 4_194_300)
            for size in (0, 1, 7, 8, 255, 256, 1023, 4096, 16_384, 65_000, largest):
                octets = bytes(i * 7 % 251 for i in range(min(size, largest)))
                with self.subTest(size=len(octets)):
                    self.assertEqual(connection.call(Method.ECHO, octets).body, octets)

    def test_an_echo_that_takes_lz4_gives_the_same_bytes(self) -> None:
        for octets in (b"a" * 65_000, bytes(i * i % 253 for i in range(65_000)), b"small", b""):
            self.assertEqual(self.client.echo(octets, accepts_lz4=True), octets)

    def test_a_request_above_the_servers_limit_fails_here(self) -> None:
        with Connection.open(self.path) as connection:
            with self.assertFails(Status.MESSAGE_TOO_LARGE):
                connection.call(Method.ECHO, bytes(connection.server.max_recv))
            self.assertEqual(connection.call(Method.ECHO, b"x").body, b"x")

    def test_a_response_above_our_limit_is_replaced(self) -> None:
        with Connection.open(self.path, max_recv=1024) as connection:
            with self.assertFails(Status.MESSAGE_TOO_LARGE) as failing:
                connection.call(Method.ECHO, bytes(5000))
            self.assertEqual(failing.details, {"needed": "5004", "limit": "1024"})
            self.assertEqual(connection.call(Method.ECHO, b"x").body, b"x")

    def test_as_many_calls_in_flight_as_the_server_takes(self) -> None:
        with Connection.open(self.path) as connection:
            count = min(connection.server.max_inflight, 256)
            calls = {connection.start(Method.ECHO, bytes([i % 256])): i for i in range(count)}
            for call_id, i in reversed(calls.items()):
                self.assertEqual(connection.wait(call_id).body, bytes([i % 256]))

    def test_a_call_whose_deadline_has_passed_is_not_started(self) -> None:
        with Connection.open(self.path) as connection:
            if Feature.CLOCK not in connection.features:
                self.skipTest("CLOCK was not agreed: the server's boot id is another")
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        meta = pb.RequestMeta(sent_at_ns=now - 10**9).SerializeToString()
        reply = echo_raw(self.path, RequestPayload(1000, 0, meta, b"x"))
        self.assertEqual(reply.code, Status.DEADLINE_EXCEEDED)
        self.assertIn(Flag.NOT_PROCESSED, reply.flags)

    def test_meta_above_its_limit_is_refused(self) -> None:
        meta = pb.RequestMeta(traceparent="x" * 16_384).SerializeToString()
        reply = echo_raw(self.path, RequestPayload(0, 0, meta, b"x"))
        self.assertEqual(reply.code, Status.INVALID_ARGUMENT)
        self.assertIn(Flag.NOT_PROCESSED, reply.flags)

    # ------------------------------------------------------------ jobs

    def test_a_job_that_is_not_there(self) -> None:
        if self.job is None:
            self.skipTest("needs a database: set PROGRESS_JOB")
        with self.assertFails(Status.NOT_FOUND, "JOB_NOT_FOUND") as failing:
            self.client.job_progress(NO_JOB)
        self.assertIn(str(NO_JOB), failing.message)

    def test_job_ids_that_cannot_be(self) -> None:
        for job in (0, -1, -(2**63)):
            with self.subTest(job), self.assertFails(Status.INVALID_ARGUMENT, "INVALID_JOB_ID"):
                self.client.job_progress(job)

    def test_the_progress_of_a_job(self) -> None:
        if self.job is None:
            self.skipTest("needs a job: set PROGRESS_JOB")
        progress = self.client.job_progress(self.job)
        assert progress is not None
        self.assertEqual(progress.job_id, self.job)
        self.assertEqual(progress.job_status, progress.job_status.upper())
        self.assertEqual(len(progress.version), 16)
        self.assertEqual(progress.as_of.epoch, self.client.describe().epoch)
        names = [table.name for table in progress.tables]
        self.assertEqual(names, sorted(set(names)))
        for table in progress.tables:
            self.assertEqual(table.HasField("current_block"), table.HasField("start_block"))
            self.assertEqual(table.HasField("current_block"), table.files_count > 0)
            self.assertGreaterEqual(table.total_size_bytes, 0)
            if table.HasField("current_block"):
                self.assertLessEqual(table.start_block, table.current_block)

    def test_a_known_version_is_not_sent_again(self) -> None:
        if self.job is None:
            self.skipTest("needs a job: set PROGRESS_JOB")
        for _ in range(20):
            progress = self.client.job_progress(self.job)
            assert progress is not None
            # A job that moves may have moved between the two calls.
            if self.client.job_progress(self.job, known_version=progress.version) is None:
                return
        self.fail("never NOT_MODIFIED in 20 attempts")

    def test_a_wait_ends_with_a_change_or_with_its_time(self) -> None:
        if self.job is None:
            self.skipTest("needs a job: set PROGRESS_JOB")
        held = self.client.job_progress(self.job)
        assert held is not None
        found = self.client.job_progress(self.job, known_version=held.version, wait_ms=20)
        if found is not None:
            self.assertNotEqual(found.version, held.version)
        # A version that nobody has is not waited for.
        other = self.client.job_progress(
            self.job, known_version=b"another version!", wait_ms=60_000, timeout=10
        )
        self.assertIsNotNone(other)

    def test_an_answer_within_a_bound_says_how_old_it_is(self) -> None:
        if self.job is None:
            self.skipTest("needs a job: set PROGRESS_JOB")
        progress = self.client.job_progress(self.job, max_staleness_ms=5000)
        assert progress is not None
        self.assertLessEqual(progress.age_us, 5_000_000)
        current = self.client.job_progress(self.job)
        assert current is not None
        self.assertFalse(current.HasField("age_us"))

    def test_a_batch_tells_what_changed_and_what_failed(self) -> None:
        if self.job is None:
            self.skipTest("needs a job: set PROGRESS_JOB")
        first = self.client.job_progress_batch({NO_JOB: b"", self.job: b""})
        self.assertEqual([job.job_id for job in first.changed], [self.job])
        self.assertFalse(first.changed[0].HasField("as_of"))
        failures = [(job.job_id, job.code, job.error.reason) for job in first.failed]
        self.assertEqual(failures, [(NO_JOB, Status.NOT_FOUND, "JOB_NOT_FOUND")])
        self.assertEqual(first.as_of.epoch, self.client.describe().epoch)
        for _ in range(20):
            held = self.client.job_progress_batch({self.job: b""}).changed[0].version
            # A job that moves may have moved between the two calls.
            second = self.client.job_progress_batch({self.job: held})
            if not second.changed and not second.failed:
                return
        self.fail("always changed in 20 attempts")

    def test_a_scope_hides_jobs_like_jobs_that_do_not_exist(self) -> None:
        if self.job is None:
            self.skipTest("needs a job: set PROGRESS_JOB")
        with ProgressClient(self.path, requires_scope=True) as client:
            with self.assertFails(Status.UNAUTHENTICATED, "SCOPE_REQUIRED"):
                client.job_progress(self.job)
            self.assertIsNotNone(client.job_progress(self.job, scope=pb.Scope(all=True)))

    # ------------------------------------------------------------ transcripts

    def test_transcripts(self) -> None:
        for file, transcript in transcripts():
            if transcript.get("needs") == "database" and self.job is None:
                continue
            with self.subTest(f"{file}: {transcript['name']}"):
                try:
                    replay(self.path, transcript)
                except Mismatch as mismatch:
                    self.fail(str(mismatch))


class _Failing:
    """See `ServerChecks.assertFails`; the error's parts are there after the block."""

    def __init__(self, test: unittest.TestCase, code: Status, reason: str | None) -> None:
        self._test, self._code, self._reason = test, code, reason
        self.message = ""
        self.details: dict[str, str] = {}

    def __enter__(self) -> _Failing:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if error is None:
            self._test.fail(f"no failure; expected {self._code.name}")
        if not isinstance(error, RPCError):
            return False
        self._test.assertEqual(error.code, self._code, error)
        if self._reason is not None:
            self._test.assertEqual(error.reason, self._reason)
        self.message, self.details = error.message, error.details
        return True
