"""A server of the progress protocol for the tests of the client: one job, no database.

It shows that client, vectors and transcripts fit together before there is a real server.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterable

from google.protobuf.message import Message

import progress_pb2 as pb
from progress_handshake import Accepted, Offer, Refused, answer_hello, clock_id
from progress_lz4 import BadCompression, decompress_body
from progress_messages import BadMessage, M, decoded
from progress_wire import (
    Feature,
    Flag,
    Frame,
    FrameDecoder,
    FrameType,
    GoAway,
    Method,
    ProtocolError,
    RequestPayload,
    ResponsePayload,
    Side,
    Status,
)

JOB_ID = 42
EPOCH = 0x1234_5678_9ABC_DEF0
VERSION = bytes(range(16))
_NAMES = {
    1: "Describe",
    2: "Health",
    3: "Stats",
    4: "Echo",
    16: "GetJobProgress",
    17: "GetJobProgressBatch",
}
_OFFER = Offer(
    features=Feature.LZ4 | Feature.CLOCK | Feature.SCOPE,
    max_recv=65_536,
    max_inflight=256,
    clock_id=clock_id(),
)


_Query = pb.GetJobProgressRequest | pb.GetJobProgressBatchRequest


class _Failure(Exception):
    """Ends a call with a status other than OK."""

    def __init__(
        self,
        code: Status,
        message: str,
        reason: str = "",
        flags: Flag = Flag.NONE,
        details: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.flags = flags
        self.error = pb.Error(message=message, reason=reason, details=details)


class FakeServer:
    """Listens on a temporary socket until `close`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="progress-")
        self.path = os.path.join(self._folder.name, "socket")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops listening; connections end with their clients."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=_Peer(stream).serve, daemon=True).start()


class _Peer:
    """One connection."""

    def __init__(self, stream: socket.socket) -> None:
        self._socket = stream
        self._decoder = FrameDecoder(Side.SERVER, _OFFER.max_recv)
        self._accepted: Accepted[pb.Hello] | None = None
        # Calls for the "database": answered after the frames that arrived with them.
        self._waiting: dict[int, _Query] = {}

    def serve(self) -> None:
        with self._socket:
            try:
                while octets := self._socket.recv(65_536):
                    self._decoder.feed(octets)
                    if not self._read_frames():
                        return
                    self._answer_waiting()
            except OSError:
                return

    def _read_frames(self) -> bool:
        """Whether the connection goes on."""
        try:
            while (frame := self._decoder.next_frame()) is not None:
                if self._accepted is not None:
                    self._received(frame)
                elif not self._shake_hands(frame):
                    return False
            return True
        except ProtocolError as error:
            if self._accepted is None:
                self._refuse(Refused(Status.BAD_MESSAGE, str(error)))
            else:
                self._send(Frame(FrameType.GOAWAY, GoAway(0, str(error)).encode()))
            return False

    def _shake_hands(self, frame: Frame) -> bool:
        if frame.type is not FrameType.HELLO:
            raise ProtocolError(f"{frame.type.name} before HELLO")
        outcome = answer_hello(frame.payload, _OFFER)
        if isinstance(outcome, Refused):
            self._refuse(outcome)
            return False
        self._accepted = outcome
        self._decoder.features = outcome.features
        chosen = Offer(
            outcome.version, outcome.version, outcome.features, _OFFER.max_recv, _OFFER.max_inflight
        )
        message = pb.Welcome(
            name="fake",
            version="0.1.0",
            epoch=EPOCH,
            clock_id=_OFFER.clock_id,
            default_timeout_ms=10_000,
        )
        self._send(Frame(FrameType.WELCOME, chosen.encode(message)))
        return True

    def _refuse(self, refused: Refused) -> None:
        message = pb.Welcome(name="fake", refusal=pb.Error(message=refused.text))
        self._send(Frame(FrameType.WELCOME, _OFFER.encode(message), code=refused.code))

    def _received(self, frame: Frame) -> None:
        match frame.type:
            case FrameType.REQUEST:
                if frame.call_id in self._waiting:
                    raise ProtocolError(f"call {frame.call_id} is in flight")
                try:
                    self._start(frame)
                except _Failure as failure:
                    self._fail(frame.call_id, failure)
            case FrameType.CANCEL:
                if self._waiting.pop(frame.call_id, None) is not None:
                    self._fail(frame.call_id, _Failure(Status.CANCELLED, "cancelled"))
            case FrameType.PING:
                self._send(Frame(FrameType.PONG, frame.payload, call_id=frame.call_id))
            case FrameType.PONG | FrameType.GOAWAY:
                pass
            case _:
                raise ProtocolError(f"{frame.type.name} after the handshake")

    def _start(self, frame: Frame) -> None:
        assert self._accepted is not None
        unprocessed = Flag.NOT_PROCESSED
        try:
            request = RequestPayload.decode(frame.payload)
            meta = decoded(request.meta, pb.RequestMeta())
        except (ValueError, BadMessage) as error:
            raise _Failure(Status.BAD_MESSAGE, str(error), "", unprocessed) from error
        if len(request.meta) > 16_384:
            raise _Failure(Status.INVALID_ARGUMENT, "meta is above 16384", "", unprocessed)
        if meta.require_epoch not in (0, EPOCH):
            raise _Failure(Status.FAILED_PRECONDITION, "another epoch", "", unprocessed)
        if frame.code not in set(Method):
            raise _Failure(Status.UNIMPLEMENTED, f"method {frame.code}", "", unprocessed)
        if len(meta.scope.datasets) > 256:
            raise _Failure(Status.INVALID_ARGUMENT, "more than 256 patterns", "", unprocessed)
        if Feature.SCOPE in self._accepted.features and not meta.HasField("scope"):
            raise _Failure(Status.UNAUTHENTICATED, "send a scope", "SCOPE_REQUIRED", unprocessed)
        if Feature.CLOCK in self._accepted.features and request.timeout_us:
            if meta.sent_at_ns + request.timeout_us * 1000 < time.monotonic_ns():
                raise _Failure(Status.DEADLINE_EXCEEDED, "too late", "", unprocessed)
        body = request.body
        if Flag.LZ4 in frame.flags:
            try:
                body = decompress_body(body, _OFFER.max_recv)
            except BadCompression as error:
                raise _Failure(Status.BAD_COMPRESSION, str(error), "", unprocessed) from error
        self._handle(Method(frame.code), frame.call_id, body)

    def _handle(self, method: Method, call_id: int, body: bytes) -> None:
        match method:
            case Method.ECHO:
                self._succeed(call_id, body)
            case Method.DESCRIBE:
                methods = [pb.MethodDescription(id=id, name=name) for id, name in _NAMES.items()]
                answer = pb.DescribeResponse(
                    name="fake", version="0.1.0", epoch=EPOCH, methods=methods
                )
                self._succeed(call_id, answer)
            case Method.HEALTH:
                self._succeed(call_id, pb.HealthResponse(status="SERVING", database="connected"))
            case Method.STATS:
                self._succeed(call_id, pb.StatsResponse(epoch=EPOCH, connections=1))
            case Method.GET_JOB_PROGRESS:
                query = _question(body, pb.GetJobProgressRequest())
                _check([query], query)
                self._waiting[call_id] = query
            case Method.GET_JOB_PROGRESS_BATCH:
                batch = _question(body, pb.GetJobProgressBatchRequest())
                if not 1 <= len({job.job_id for job in batch.jobs}) == len(batch.jobs) <= 1024:
                    raise _Failure(Status.INVALID_ARGUMENT, "1 to 1,024 jobs, each once")
                _check(batch.jobs, batch)
                self._waiting[call_id] = batch

    def _answer_waiting(self) -> None:
        """The job never changes, so that nothing is gained by waiting for it."""
        waiting, self._waiting = self._waiting, {}
        for call_id, query in waiting.items():
            if isinstance(query, pb.GetJobProgressBatchRequest):
                self._succeed(call_id, self._batch(query))
            elif query.job_id != JOB_ID:
                self._fail(call_id, _not_found(query.job_id))
            elif query.known_version == VERSION:
                self._respond(call_id, b"", Status.NOT_MODIFIED)
            else:
                answer = _progress()
                answer.as_of.CopyFrom(_MOMENT)
                self._succeed(call_id, answer)

    def _batch(self, query: pb.GetJobProgressBatchRequest) -> pb.GetJobProgressBatchResponse:
        answer = pb.GetJobProgressBatchResponse(as_of=_MOMENT)
        for job in query.jobs:
            if job.job_id != JOB_ID:
                failure = _not_found(job.job_id)
                answer.failed.add(job_id=job.job_id, code=failure.code, error=failure.error)
            elif job.known_version != VERSION:
                answer.changed.append(_progress())
        return answer

    def _succeed(self, call_id: int, answer: bytes | Message) -> None:
        self._respond(call_id, answer if isinstance(answer, bytes) else answer.SerializeToString())

    def _fail(self, call_id: int, failure: _Failure) -> None:
        self._respond(call_id, failure.error.SerializeToString(), failure.code, failure.flags)

    def _respond(self, call_id: int, body: bytes, code: int = 0, flags: Flag = Flag.NONE) -> None:
        assert self._accepted is not None
        payload = ResponsePayload(7, body).encode()
        limit = self._accepted.peer.max_recv
        if len(payload) > limit:
            details = {"needed": str(len(payload)), "limit": str(limit)}
            self._fail(call_id, _Failure(Status.MESSAGE_TOO_LARGE, "too large", details=details))
            return
        self._send(Frame(FrameType.RESPONSE, payload, flags, code, call_id))

    def _send(self, frame: Frame) -> None:
        # A frame that nobody knows goes first: clients must ignore it.
        grease = b"\x03\0\0\0\xd7" + b"\xff" * 11 + b"any" if frame.type is FrameType.PONG else b""
        self._socket.sendall(grease + frame.encode())


_MOMENT = pb.Moment(snapshot="1:1:", epoch=EPOCH, observed_at_us=1)


def _progress() -> pb.JobProgress:
    blocks = pb.TableProgress(
        name="blocks", current_block=99, start_block=0, files_count=2, total_size_bytes=1000
    )
    return pb.JobProgress(
        job_id=JOB_ID,
        job_status="RUNNING",
        tables=[blocks, pb.TableProgress(name="logs")],
        version=VERSION,
    )


def _not_found(job_id: int) -> _Failure:
    return _Failure(Status.NOT_FOUND, f"job '{job_id}' not found", "JOB_NOT_FOUND")


def _question(body: bytes, message: M) -> M:
    try:
        return decoded(body, message)
    except BadMessage as error:
        raise _Failure(Status.BAD_MESSAGE, str(error)) from error


def _check(jobs: Iterable[pb.KnownJob | pb.GetJobProgressRequest], query: _Query) -> None:
    """Section 14: what may be asked of each of the jobs."""
    if any(job.job_id < 1 for job in jobs):
        raise _Failure(Status.INVALID_ARGUMENT, "job id below 1", "INVALID_JOB_ID")
    if query.wait_ms and (
        query.wait_ms > 60_000
        or query.max_staleness_ms
        or not all(job.known_version for job in jobs)
    ):
        raise _Failure(Status.INVALID_ARGUMENT, "a wait is at most 60,000 ms, for known versions")
