"""Frames of the progress protocol (SPEC.md, sections 3 and 5): bytes in, frames out, no I/O."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag

HEADER = struct.Struct("<IBBHQ")
# A length from here on is refused whatever the receiver announced.
LENGTH_LIMIT = 2**24
IGNORABLE = 0x80


class FrameType(IntEnum):
    HELLO = 0x01
    WELCOME = 0x02
    GOAWAY = 0x03
    PING = 0x04
    PONG = 0x05
    REQUEST = 0x10
    RESPONSE = 0x11
    ITEM = 0x12
    CANCEL = 0x13
    CREDIT = 0x14


class Flag(IntFlag):
    NONE = 0x00
    LZ4 = 0x01
    STREAM = 0x02
    ACCEPT_LZ4 = 0x04
    NOT_PROCESSED = 0x10
    RETRYABLE = 0x20


class Feature(IntFlag):
    NONE = 0
    LZ4 = 1
    STREAM = 2
    CLOCK = 4
    SCOPE = 8


class Method(IntEnum):
    DESCRIBE = 1
    HEALTH = 2
    STATS = 3
    ECHO = 4
    GET_JOB_PROGRESS = 16
    GET_JOB_PROGRESS_BATCH = 17


class Status(IntEnum):
    """The codes that this version names; on the wire the set is open."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16
    NOT_MODIFIED = 32
    MESSAGE_TOO_LARGE = 35
    BAD_COMPRESSION = 36
    BAD_MESSAGE = 37


class Side(Enum):
    """Which end of the connection receives."""

    SERVER = "server"
    CLIENT = "client"


class ProtocolError(Exception):
    """The peer broke the protocol (3.2): send GOAWAY with this text, then close."""


class PayloadTooLarge(ProtocolError):
    """A frame announces more than the receiver takes (3.1): close without reading it."""


@dataclass(frozen=True)
class Frame:
    """One frame, well-formed as far as its header and the length of its payload show."""

    type: FrameType
    payload: bytes = b""
    flags: Flag = Flag.NONE
    code: int = 0
    call_id: int = 0

    def encode(self) -> bytes:
        """The bytes on the wire."""
        header = HEADER.pack(len(self.payload), self.type, self.flags, self.code, self.call_id)
        return header + self.payload


class _Call(Enum):
    """What a type wants of call_id."""

    ZERO = 0
    ONE_UP = 1
    ANY = 2


@dataclass(frozen=True)
class _Rule:
    receivers: frozenset[Side]
    fixed: int
    call: _Call
    flags: Flag = Flag.NONE
    has_code: bool = False
    exact: bool = False


_SERVER, _CLIENT = frozenset({Side.SERVER}), frozenset({Side.CLIENT})
# ITEM and CREDIT are reserved for streams, which version 1 does not have: nobody may send them.
_RULES = {
    FrameType.HELLO: _Rule(_SERVER, 28, _Call.ZERO),
    FrameType.WELCOME: _Rule(_CLIENT, 28, _Call.ZERO, has_code=True),
    FrameType.GOAWAY: _Rule(_SERVER | _CLIENT, 4, _Call.ZERO, has_code=True),
    FrameType.PING: _Rule(_SERVER | _CLIENT, 8, _Call.ANY, exact=True),
    FrameType.PONG: _Rule(_SERVER | _CLIENT, 8, _Call.ANY, exact=True),
    FrameType.REQUEST: _Rule(_SERVER, 8, _Call.ONE_UP, Flag.LZ4 | Flag.ACCEPT_LZ4, has_code=True),
    FrameType.RESPONSE: _Rule(
        _CLIENT, 4, _Call.ONE_UP, Flag.LZ4 | Flag.NOT_PROCESSED | Flag.RETRYABLE, has_code=True
    ),
    FrameType.CANCEL: _Rule(_SERVER, 0, _Call.ONE_UP, has_code=True, exact=True),
}


class FrameDecoder:
    """Cuts the bytes that arrive at one side into frames.

    Ignorable frames of unknown types are dropped and counted in `ignored`.
    """

    def __init__(self, receiver: Side, max_recv: int) -> None:
        self.receiver = receiver
        self.max_recv = max_recv
        self.features = Feature.NONE
        self.ignored = 0
        self._bytes = bytearray()

    @property
    def buffered_byte_count(self) -> int:
        """Bytes that have arrived and are not yet part of a frame."""
        return len(self._bytes)

    def feed(self, octets: bytes) -> None:
        """Takes bytes as they arrive."""
        self._bytes += octets

    def next_frame(self) -> Frame | None:
        """The next whole frame, or `None` if more bytes are needed; raises `ProtocolError`."""
        while len(self._bytes) >= HEADER.size:
            length, kind, flags, code, call_id = HEADER.unpack_from(self._bytes)
            self._check_length(length)
            known = kind in FrameType.__members__.values()
            if known:
                self._check_header(FrameType(kind), length, flags, code, call_id)
            elif not kind & IGNORABLE:
                raise ProtocolError(f"frame type 0x{kind:02x} is unknown and not ignorable")
            end = HEADER.size + length
            if len(self._bytes) < end:
                return None
            payload = bytes(self._bytes[HEADER.size : end])
            del self._bytes[:end]
            if known:
                return Frame(FrameType(kind), payload, Flag(flags), code, call_id)
            self.ignored += 1
        return None

    def _check_length(self, length: int) -> None:
        limit = min(self.max_recv, LENGTH_LIMIT - 1)
        if length > limit:
            raise PayloadTooLarge(f"a frame announces {length} payload bytes; the limit is {limit}")

    def _check_header(
        self, kind: FrameType, length: int, flags: int, code: int, call_id: int
    ) -> None:
        rule = _RULES.get(kind)
        if rule is None:
            raise ProtocolError(f"{kind.name} needs streams, which were not agreed")
        if self.receiver not in rule.receivers:
            raise ProtocolError(f"{kind.name} may not be sent to a {self.receiver.value}")
        if flags & ~int(rule.flags):
            raise ProtocolError(
                f"{kind.name} has flags 0x{flags:02x}; it may have {int(rule.flags):#04x}"
            )
        if flags & Flag.LZ4 and Feature.LZ4 not in self.features:
            raise ProtocolError(f"{kind.name} is compressed, but LZ4 was not agreed")
        if code and not rule.has_code:
            raise ProtocolError(f"{kind.name} has code {code}; it must be 0")
        if rule.call is _Call.ZERO and call_id:
            raise ProtocolError(f"{kind.name} has call_id {call_id}; it must be 0")
        if rule.call is _Call.ONE_UP and not call_id:
            raise ProtocolError(f"{kind.name} has call_id 0")
        if length < rule.fixed or (rule.exact and length > rule.fixed):
            raise ProtocolError(f"{kind.name} has {length} payload bytes; it needs {rule.fixed}")


@dataclass(frozen=True)
class RequestPayload:
    """The payload of a REQUEST; `meta` is not yet decoded."""

    timeout_us: int
    credit: int
    meta: bytes
    body: bytes

    def encode(self) -> bytes:
        fixed = struct.pack("<IHH", self.timeout_us, len(self.meta), self.credit)
        return fixed + self.meta + self.body

    @classmethod
    def decode(cls, payload: bytes) -> RequestPayload:
        """Takes a payload of at least 8 bytes; raises `ValueError` if meta does not fit."""
        timeout_us, meta_len, credit = struct.unpack_from("<IHH", payload)
        if meta_len > len(payload) - 8:
            raise ValueError(f"meta_len is {meta_len}; {len(payload) - 8} bytes follow")
        return cls(timeout_us, credit, payload[8 : 8 + meta_len], payload[8 + meta_len :])


@dataclass(frozen=True)
class ResponsePayload:
    """The payload of a RESPONSE."""

    server_us: int
    body: bytes

    def encode(self) -> bytes:
        return struct.pack("<I", self.server_us) + self.body

    @classmethod
    def decode(cls, payload: bytes) -> ResponsePayload:
        """Takes a payload of at least 4 bytes."""
        return cls(struct.unpack_from("<I", payload)[0], payload[4:])


@dataclass(frozen=True)
class GoAway:
    """The payload of a GOAWAY."""

    drain_ms: int
    text: str

    def encode(self) -> bytes:
        """Cuts the text at a character if it is above 1,024 bytes."""
        text = self.text.encode()[:1024].decode(errors="ignore").encode()
        return struct.pack("<I", self.drain_ms) + text

    @classmethod
    def decode(cls, payload: bytes) -> GoAway:
        """Takes a payload of at least 4 bytes; what is not UTF-8 is replaced."""
        return cls(struct.unpack_from("<I", payload)[0], payload[4:].decode(errors="replace"))
