"""One connection to a progress server, used by one thread.

The connection reads, and so answers PING, while one of its methods waits or writes.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass

import progress_pb2 as pb
from progress_errors import ConnectionLost, RPCError
from progress_handshake import Accepted, Offer, Refused, clock_id, read_welcome
from progress_reply import Reply, read_reply
from progress_transport import Transport
from progress_wire import (
    Feature,
    Flag,
    Frame,
    FrameType,
    GoAway,
    ProtocolError,
    RequestPayload,
    Status,
)

_MAX_U32 = 2**32 - 1
_LONGEST_PATH = 107
_LARGEST_META = 16_384


@dataclass
class _Pending:
    """A call in flight."""

    deadline: float
    flags: Flag
    response: Frame | None = None


class Connection:
    """An open connection; `open` makes one. Times are in seconds."""

    def __init__(self, stream: socket.socket, offer: Offer) -> None:
        self._offer = offer
        self._transport = Transport(stream, offer.max_recv, self._received)
        self._pending: dict[int, _Pending] = {}
        self._abandoned: set[int] = set()
        self._pongs: dict[int, bytes] = {}
        self._next_call_id = 1
        self._next_ping_id = 1
        self._accepted: Accepted[pb.Welcome] | None = None
        self.goaway: GoAway | None = None

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        name: str = "progress-python",
        version: str = "0.1.0",
        features: Feature = Feature.LZ4 | Feature.CLOCK,
        max_recv: int = 4_194_304,
        timeout: float = 5.0,
        sends_grease: bool = __debug__,
    ) -> Connection:
        """Connects and shakes hands; raises `RPCError`."""
        if len(os.fsencode(path)) > _LONGEST_PATH:
            raise RPCError(
                Status.INVALID_ARGUMENT, f"the path is longer than {_LONGEST_PATH} bytes"
            )
        deadline = time.monotonic() + timeout
        offer = Offer(features=features, max_recv=max_recv)
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection = cls(stream, offer)
        try:
            stream.settimeout(timeout)
            stream.connect(os.fspath(path))
            stream.setblocking(False)
            hello = pb.Hello(name=name, version=version)
            if Feature.CLOCK in features:
                hello.clock_id = clock_id()
            connection._transport.queue(Frame(FrameType.HELLO, offer.encode(hello)))
            if sends_grease:
                connection._transport.queue_grease()
            connection._transport.run(deadline, lambda: connection._accepted is not None)
            if Feature.SCOPE in features and Feature.SCOPE not in connection.features:
                raise RPCError(Status.FAILED_PRECONDITION, "the server does not have SCOPE")
        except TimeoutError as error:
            stream.close()
            raise RPCError(Status.DEADLINE_EXCEEDED, "no WELCOME in time") from error
        except OSError as error:
            stream.close()
            raise ConnectionLost(f"cannot connect: {error.strerror or error}") from error
        except BaseException:
            stream.close()
            raise
        return connection

    @property
    def features(self) -> Feature:
        """The features that both sides agreed on."""
        return self._handshake.features

    @property
    def welcome(self) -> pb.Welcome:
        """The server's message in the handshake."""
        return self._handshake.message

    @property
    def server(self) -> Offer:
        """The server's limits."""
        return self._handshake.peer

    @property
    def is_usable(self) -> bool:
        """Whether a new call should be sent on this connection."""
        return self._transport.is_open and self.goaway is None

    @property
    def _handshake(self) -> Accepted[pb.Welcome]:
        if self._accepted is None:
            raise ConnectionLost("the connection is not open")
        return self._accepted

    # ------------------------------------------------------------ calls

    def start(
        self,
        method: int,
        body: bytes = b"",
        *,
        timeout: float = 10.0,
        meta: pb.RequestMeta | None = None,
        accepts_lz4: bool = False,
    ) -> int:
        """Sends a REQUEST and returns its call_id, for `wait`; raises `RPCError`."""
        now = time.monotonic()
        filled = pb.RequestMeta()
        if meta is not None:
            filled.CopyFrom(meta)
        if Feature.CLOCK in self.features:
            filled.sent_at_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        octets = filled.SerializeToString()
        if len(octets) > _LARGEST_META:
            raise RPCError(
                Status.INVALID_ARGUMENT,
                f"meta has {len(octets)} bytes; the limit is {_LARGEST_META}",
            )
        timeout_us = min(max(int(timeout * 1_000_000), 1), _MAX_U32)
        payload = RequestPayload(timeout_us, 0, octets, body).encode()
        if len(payload) > self.server.max_recv:
            needed, limit = str(len(payload)), str(self.server.max_recv)
            raise RPCError(
                Status.MESSAGE_TOO_LARGE,
                f"the request has {needed} bytes; the limit is {limit}",
                details={"needed": needed, "limit": limit},
                flags=Flag.NOT_PROCESSED,
            )
        flags = Flag.NONE
        if accepts_lz4 and Feature.LZ4 in self.features:
            flags = Flag.ACCEPT_LZ4
        call_id = self._next_call_id
        self._next_call_id += 1
        self._pending[call_id] = _Pending(now + timeout, flags)
        self._transport.queue(Frame(FrameType.REQUEST, payload, flags, method, call_id))
        try:
            self._transport.run(now + timeout, lambda: self._transport.has_written)
        except TimeoutError:
            self.cancel(call_id)
            raise RPCError(Status.DEADLINE_EXCEEDED, "not sent in time") from None
        except RPCError:
            self._pending.pop(call_id, None)
            raise
        return call_id

    def wait(self, call_id: int) -> Reply:
        """Waits for the RESPONSE of a call that was started; raises `RPCError`.

        A call whose time is over is cancelled.
        """
        pending = self._pending[call_id]
        try:
            self._transport.run(pending.deadline, lambda: pending.response is not None)
        except TimeoutError:
            self.cancel(call_id)
            raise RPCError(Status.DEADLINE_EXCEEDED, "no answer in time") from None
        except RPCError:
            self._pending.pop(call_id, None)
            raise
        del self._pending[call_id]
        assert pending.response is not None
        return read_reply(pending.response, self._offer.max_recv)

    def call(
        self,
        method: int,
        body: bytes = b"",
        *,
        timeout: float = 10.0,
        meta: pb.RequestMeta | None = None,
        accepts_lz4: bool = False,
    ) -> Reply:
        """Sends a REQUEST and waits for its RESPONSE; raises `RPCError`."""
        return self.wait(
            self.start(method, body, timeout=timeout, meta=meta, accepts_lz4=accepts_lz4)
        )

    def cancel(self, call_id: int) -> None:
        """Gives a call up: tells the server, and drops its RESPONSE when that comes."""
        if self._pending.pop(call_id, None) is not None and self._transport.is_open:
            self._abandoned.add(call_id)
            self._transport.queue(Frame(FrameType.CANCEL, call_id=call_id))
            self._transport.flush()

    def ping(self, timeout: float = 10.0) -> float:
        """Waits for a PONG and returns how long that took, in seconds; raises `RPCError`."""
        began = time.monotonic()
        ping_id = self._next_ping_id
        self._next_ping_id += 1
        payload = ping_id.to_bytes(8, "little")
        self._transport.queue(Frame(FrameType.PING, payload, call_id=ping_id))
        try:
            self._transport.run(began + timeout, lambda: self._pongs.pop(ping_id, None) == payload)
        except TimeoutError:
            raise RPCError(Status.DEADLINE_EXCEEDED, "no PONG in time") from None
        return time.monotonic() - began

    def close(self) -> None:
        """Closes the connection; calls in flight fail, and the server cancels them. Idempotent."""
        self._transport.end(ConnectionLost("the connection was closed"))

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------ frames

    def _received(self, frame: Frame) -> None:
        """Acts on a frame as the client's table in section 11 says; raises where that ends it."""
        if self._accepted is None:
            self._received_first(frame)
            return
        match frame.type:
            case FrameType.RESPONSE:
                self._received_response(frame)
            case FrameType.PING:
                self._transport.queue(Frame(FrameType.PONG, frame.payload, call_id=frame.call_id))
            case FrameType.PONG:
                if frame.call_id < self._next_ping_id:
                    self._pongs[frame.call_id] = frame.payload
            case FrameType.GOAWAY:
                self.goaway = self.goaway or GoAway.decode(frame.payload)
                self._transport.farewell = self.goaway.text
            case _:
                raise ProtocolError(f"{frame.type.name} after the handshake")

    def _received_first(self, frame: Frame) -> None:
        if frame.type is FrameType.GOAWAY:
            raise ConnectionLost(GoAway.decode(frame.payload).text or "the server went away")
        if frame.type is not FrameType.WELCOME:
            raise ProtocolError(f"{frame.type.name} before WELCOME")
        outcome = read_welcome(frame.code, frame.payload, self._offer)
        if isinstance(outcome, Refused):
            refusal = outcome.message.refusal if outcome.message else pb.Error()
            raise RPCError.from_message(frame.code, refusal, Flag.NOT_PROCESSED)
        self._accepted = outcome
        self._transport.agree(outcome.features)

    def _received_response(self, frame: Frame) -> None:
        call_id = frame.call_id
        if call_id in self._abandoned:
            self._abandoned.remove(call_id)
            return
        pending = self._pending.get(call_id)
        if pending is None or pending.response is not None:
            raise ProtocolError(f"RESPONSE for call {call_id}, which is not in flight")
        if Flag.LZ4 in frame.flags and Flag.ACCEPT_LZ4 not in pending.flags:
            raise ProtocolError(f"RESPONSE for call {call_id} is compressed, which it may not be")
        pending.response = frame
