"""The protocol's bytes, put together by hand so that the vectors depend on no library."""

from __future__ import annotations

import struct
from typing import Any

HELLO, WELCOME, GOAWAY, PING, PONG = 0x01, 0x02, 0x03, 0x04, 0x05
REQUEST, RESPONSE, ITEM, CANCEL, CREDIT = 0x10, 0x11, 0x12, 0x13, 0x14

LZ4, STREAM, ACCEPT_LZ4, NOT_PROCESSED, RETRYABLE = 0x01, 0x02, 0x04, 0x10, 0x20

FEATURE_LZ4, FEATURE_STREAM, FEATURE_CLOCK, FEATURE_SCOPE = 1, 2, 4, 8

DESCRIBE, HEALTH, STATS, ECHO, GET_JOB_PROGRESS, GET_JOB_PROGRESS_BATCH = 1, 2, 3, 4, 16, 17

MAX_U16, MAX_U32, MAX_U64, MAX_I64 = 2**16 - 1, 2**32 - 1, 2**64 - 1, 2**63 - 1


def frame(
    kind: int,
    payload: bytes = b"",
    *,
    flags: int = 0,
    code: int = 0,
    call_id: int = 0,
    length: int | None = None,
) -> bytes:
    """A frame; `length` replaces the true one."""
    announced = len(payload) if length is None else length
    return struct.pack("<IBBHQ", announced, kind, flags, code, call_id) + payload


def request_payload(
    body: bytes = b"",
    *,
    meta: bytes = b"",
    timeout_us: int = 0,
    credit: int = 0,
    meta_len: int | None = None,
) -> bytes:
    """The payload of a REQUEST; `meta_len` replaces the true one."""
    announced = len(meta) if meta_len is None else meta_len
    return struct.pack("<IHH", timeout_us, announced, credit) + meta + body


def request(
    call_id: int, method: int, body: bytes = b"", *, flags: int = 0, **rest: Any
) -> bytes:
    """A REQUEST frame; `rest` is handed to `request_payload`."""
    payload = request_payload(body, **rest)
    return frame(REQUEST, payload, flags=flags, code=method, call_id=call_id)


def response_payload(body: bytes = b"", *, server_us: int = 0) -> bytes:
    """The payload of a RESPONSE."""
    return struct.pack("<I", server_us) + body


def goaway_payload(drain_ms: int, text: str) -> bytes:
    """The payload of a GOAWAY."""
    return struct.pack("<I", drain_ms) + text.encode()


def handshake_payload(
    message: bytes = b"",
    *,
    magic: bytes = b"PGRS",
    ver_min: int = 1,
    ver_max: int = 1,
    features: int = 0,
    max_recv: int = 4_194_304,
    max_inflight: int = 0,
    max_streams: int = 0,
) -> bytes:
    """The payload of a HELLO or a WELCOME: 28 fixed bytes and a message."""
    fixed = struct.pack(
        "<4sHHQIII", magic, ver_min, ver_max, features, max_recv, max_inflight, max_streams
    )
    return fixed + message


# ---------------------------------------------------------------- proto3


def varint(value: int) -> bytes:
    """A base-128 varint; a negative value takes ten bytes, as an int64 does."""
    value &= MAX_U64
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def v(number: int, value: int) -> bytes:
    """A field of wire type 0: int64, uint32, uint64, bool, enum."""
    return varint(number << 3) + varint(value)


def f64(number: int, value: int) -> bytes:
    """A field of wire type 1: fixed64."""
    return varint(number << 3 | 1) + struct.pack("<Q", value)


def b(number: int, value: bytes | str) -> bytes:
    """A field of wire type 2: string, bytes, message, packed."""
    octets = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(octets)) + octets


def f32(number: int, value: int) -> bytes:
    """A field of wire type 5; no message of this version has one."""
    return varint(number << 3 | 5) + struct.pack("<I", value)
