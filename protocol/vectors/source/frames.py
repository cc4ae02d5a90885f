"""`frames.json`: bytes as they arrive, and what the frame layer makes of them."""

from __future__ import annotations

from typing import Any

from .encoding import (
    ACCEPT_LZ4, CANCEL, CREDIT, ECHO, FEATURE_LZ4, GET_JOB_PROGRESS, GOAWAY, HELLO, ITEM, LZ4,
    MAX_U16, MAX_U32, MAX_U64, NOT_PROCESSED, PING, PONG, REQUEST, RESPONSE, RETRYABLE, STREAM,
    WELCOME, b, frame, goaway_payload, handshake_payload, request_payload, response_payload,
)

_vectors: list[dict[str, Any]] = []


def _add(
    name: str,
    spec: str,
    receiver: str,
    octets: bytes,
    expect: dict[str, Any],
    max_recv: int = 65_536,
    features: int = 0,
) -> None:
    _vectors.append({
        "name": name,
        "spec": spec,
        "receiver": receiver,
        "max_recv": max_recv,
        "features": str(features),
        "hex": octets.hex(),
        "expect": expect,
    })


def _frame(
    kind: int, payload: bytes = b"", flags: int = 0, code: int = 0, call_id: int = 0, **parts: Any
) -> dict[str, Any]:
    """A delivered frame; `parts` is what its payload consists of."""
    fields = {"type": kind, "flags": flags, "code": code, "call_id": str(call_id)}
    return {**fields, "payload": payload.hex(), **parts}


def _delivered(*frames: dict[str, Any], ignored: int = 0, incomplete: int = 0) -> dict[str, Any]:
    return {"frames": list(frames), "ignored": ignored, "incomplete": incomplete}


def _error(kind: str, *frames: dict[str, Any]) -> dict[str, Any]:
    return {"frames": list(frames), "ignored": 0, "incomplete": 0, "error": kind}


def _good(
    name: str,
    spec: str,
    receiver: str,
    kind: int,
    payload: bytes = b"",
    *,
    flags: int = 0,
    code: int = 0,
    call_id: int = 0,
    max_recv: int = 65_536,
    features: int = 0,
    **parts: Any,
) -> None:
    """One well-formed frame."""
    octets = frame(kind, payload, flags=flags, code=code, call_id=call_id)
    expect = _delivered(_frame(kind, payload, flags, code, call_id, **parts))
    _add(name, spec, receiver, octets, expect, max_recv, features)


def _bad(
    name: str, receiver: str, octets: bytes, spec: str = "3.2", kind: str = "protocol_error",
    max_recv: int = 65_536,
) -> None:
    _add(name, spec, receiver, octets, _error(kind), max_recv)


def _handshake_frames() -> None:
    bare = handshake_payload(max_recv=1024)
    full = handshake_payload(b(1, "n" * 996), features=MAX_U64, max_recv=MAX_U32)[:1024]
    assert len(bare) == 28
    _good("HELLO of the 28 fixed bytes", "4", "server", HELLO, bare)
    _good("HELLO as large as the receiver takes", "4", "server", HELLO, full, max_recv=1024)
    _good("WELCOME of the 28 fixed bytes", "4", "client", WELCOME, bare)
    _good("WELCOME with the status of a refusal", "4.1", "client", WELCOME, bare, code=12)
    _good("WELCOME with a status nobody knows", "8", "client", WELCOME, bare, code=MAX_U16)
    for kind, name, receiver in ((HELLO, "HELLO", "server"), (WELCOME, "WELCOME", "client")):
        _bad(f"{name} of 27 bytes", receiver, frame(kind, bare[:27]))
        _bad(f"{name} without payload", receiver, frame(kind))
        _bad(f"{name} with a call_id", receiver, frame(kind, bare, call_id=1))
        _bad(f"{name} with a flag", receiver, frame(kind, bare, flags=1))
    _bad("HELLO with a code", "server", frame(HELLO, bare, code=1))


def _control_frames() -> None:
    def goaway(name: str, drain_ms: int, text: str) -> None:
        payload = goaway_payload(drain_ms, text)
        parts = {"drain_ms": drain_ms, "text": text}
        _good(name, "3", "any", GOAWAY, payload, goaway=parts)

    goaway("GOAWAY without text", 0, "")
    goaway("GOAWAY with the largest drain_ms and a text", MAX_U32, "maintenance")
    goaway("GOAWAY with a text of more than ASCII", 5000, "à bientôt ☂")
    _bad("GOAWAY of 3 bytes", "any", frame(GOAWAY, bytes(3)))
    _bad("GOAWAY with a call_id", "any", frame(GOAWAY, bytes(4), call_id=1))
    _bad("GOAWAY with a flag", "any", frame(GOAWAY, bytes(4), flags=0x20))
    for kind, name in ((PING, "PING"), (PONG, "PONG")):
        _good(f"{name} of zeros", "3", "any", kind, bytes(8))
        ones = b"\xff" * 8
        _good(f"{name} of ones, largest call_id", "3", "any", kind, ones, call_id=MAX_U64)
        _bad(f"{name} of 7 bytes", "any", frame(kind, bytes(7)))
        _bad(f"{name} without payload", "any", frame(kind))
        _bad(f"{name} with a code", "any", frame(kind, bytes(8), code=1))
        _bad(f"{name} with a flag", "any", frame(kind, bytes(8), flags=1))


def _requests() -> None:
    def request(
        name: str, spec: str, call_id: int, method: int, meta: bytes, body: bytes,
        timeout_us: int = 0, flags: int = 0, **context: int,
    ) -> None:
        payload = request_payload(body, meta=meta, timeout_us=timeout_us)
        parts = {"timeout_us": timeout_us, "credit": 0, "meta": meta.hex(), "body": body.hex()}
        _good(name, spec, "server", REQUEST, payload, flags=flags, code=method, call_id=call_id,
              request=parts, **context)

    request("REQUEST of the 8 fixed bytes", "5", 1, 1, b"", b"")
    request("REQUEST with meta and body", "5", 2, GET_JOB_PROGRESS, b(3, "me"), b"\x08\x2a", 10**6)
    request("REQUEST with meta only", "5", 3, 1, b(3, "me"), b"")
    request("REQUEST with all that is largest", "3", MAX_U64, MAX_U16, b"", b"", MAX_U32)
    request("REQUEST with method 0", "5.9", 4, 0, b"", b"")
    request("REQUEST as large as the receiver takes", "3.1", 5, ECHO, b"", b"\xa5" * 1016,
            max_recv=1024)
    request("REQUEST that takes LZ4", "10", 6, ECHO, b"", b"hi", flags=ACCEPT_LZ4,
            features=FEATURE_LZ4)
    request("REQUEST that is LZ4 and takes it", "10", 7, ECHO, b"", bytes.fromhex("0200000020") +
            b"hi", flags=LZ4 | ACCEPT_LZ4, features=FEATURE_LZ4)
    _bad("REQUEST of 7 bytes", "server", frame(REQUEST, bytes(7), code=1, call_id=1))
    _bad("REQUEST without payload", "server", frame(REQUEST, code=1, call_id=1))
    _bad("REQUEST with call_id 0", "server", frame(REQUEST, bytes(8), code=1))
    _bad("REQUEST with STREAM, which was not agreed", "server",
         frame(REQUEST, bytes(8), flags=STREAM, code=1, call_id=1), "3")
    _bad("REQUEST with LZ4, which was not agreed", "server",
         frame(REQUEST, bytes(12), flags=LZ4, code=4, call_id=1), "10.4")
    for bit in (0x08, NOT_PROCESSED, RETRYABLE, 0x40, 0x80):
        octets = frame(REQUEST, bytes(8), flags=bit, code=1, call_id=1)
        _bad(f"REQUEST with flag 0x{bit:02x}", "server", octets)
    _good("CANCEL of the smallest call_id", "6.4", "server", CANCEL, call_id=1)
    _good("CANCEL of the largest call_id", "6.4", "server", CANCEL, call_id=MAX_U64)
    _bad("CANCEL with call_id 0", "server", frame(CANCEL))
    _bad("CANCEL with a flag", "server", frame(CANCEL, flags=1, call_id=1))


def _responses() -> None:
    def response(
        name: str, spec: str, call_id: int, code: int, body: bytes, server_us: int = 0,
        flags: int = 0, **context: int,
    ) -> None:
        payload = response_payload(body, server_us=server_us)
        parts = {"server_us": server_us, "body": body.hex()}
        _good(name, spec, "client", RESPONSE, payload, flags=flags, code=code, call_id=call_id,
              response=parts, **context)

    both = NOT_PROCESSED | RETRYABLE
    response("RESPONSE of the 4 fixed bytes", "5", 1, 0, b"")
    response("RESPONSE with a body", "5", 2, 0, b"\x08\x2a", 37)
    response("RESPONSE NOT_MODIFIED", "5.5", 3, 32, b"", 12)
    response("RESPONSE with an Error", "5.5", 4, 5, b(1, "job '42' not found"), 12)
    response("RESPONSE of a refused call", "5.8", 5, 8, b(1, "too many calls"), 1, flags=both)
    response("RESPONSE with all that is largest", "3", MAX_U64, MAX_U16, b"", MAX_U32)
    response("RESPONSE as large as the receiver takes", "3.1", 6, 0, b"\x5a" * 1020, max_recv=1024)
    _bad("RESPONSE of 3 bytes", "client", frame(RESPONSE, bytes(3), call_id=1))
    _bad("RESPONSE with call_id 0", "client", frame(RESPONSE, bytes(4)))
    _bad("RESPONSE with LZ4, which was not agreed", "client",
         frame(RESPONSE, bytes(8), flags=LZ4, call_id=1), "10.4")
    for bit in (STREAM, ACCEPT_LZ4, 0x08, 0x40, 0x80):
        octets = frame(RESPONSE, bytes(4), flags=bit, call_id=1)
        _bad(f"RESPONSE with flag 0x{bit:02x}", "client", octets)


def _directions() -> None:
    payload = handshake_payload()
    _bad("HELLO at a client", "client", frame(HELLO, payload))
    _bad("WELCOME at a server", "server", frame(WELCOME, payload))
    _bad("REQUEST at a client", "client", frame(REQUEST, bytes(8), code=1, call_id=1))
    _bad("RESPONSE at a server", "server", frame(RESPONSE, bytes(4), call_id=1))
    _bad("CANCEL at a client", "client", frame(CANCEL, call_id=1))
    _bad("ITEM at a server", "server", frame(ITEM, call_id=1))
    _bad("ITEM at a client, without streams", "client", frame(ITEM, call_id=1), "11")
    _bad("CREDIT at a server, without streams", "server", frame(CREDIT, bytes(4), call_id=1), "11")
    _bad("CREDIT at a client", "client", frame(CREDIT, bytes(4), call_id=1))


def _unknown_types() -> None:
    for kind in (0x00, 0x06, 0x0F, 0x15, 0x7F):
        _bad(f"unknown type 0x{kind:02x}, not ignorable", "any", frame(kind, b"abc", call_id=1))
    for kind in (0x80, 0x81, 0x90, 0xC0, 0xFF):
        _add(f"unknown type 0x{kind:02x}, ignorable", "3.3", "any", frame(kind),
             _delivered(ignored=1))
    wild = frame(0xDA, b"\x00\xff" * 20, flags=0xFF, code=MAX_U16, call_id=MAX_U64)
    _add("ignorable frame with all bits set", "3.3", "any", wild, _delivered(ignored=1))
    full = frame(0xC5, bytes(1024))
    _add("ignorable frame as large as the receiver takes", "3.1", "any", full,
         _delivered(ignored=1), 1024)
    _bad("ignorable frame above max_recv", "any", frame(0xC5, length=1025), "3.1",
         "payload_too_large", 1024)
    ping = frame(PING, b"12345678", call_id=9)
    seen = _frame(PING, b"12345678", call_id=9)
    _add("ignorable frame before and after a PING", "3.3", "any",
         frame(0xC1, b"x") + ping + frame(0xFE), _delivered(seen, ignored=2))


def _lengths() -> None:
    names = {2**24: "2^24", 2**31 - 1: "2^31-1", 2**31: "2^31", MAX_U32: "2^32-1"}
    for length, name in names.items():
        for kind in (REQUEST, HELLO):
            octets = frame(kind, code=1 if kind == REQUEST else 0, call_id=int(kind == REQUEST),
                           length=length)
            _bad(f"length {name} on type 0x{kind:02x}", "server", octets, "3.1",
                 "payload_too_large", MAX_U32)
    octets = frame(REQUEST, code=1, call_id=1, length=2**24 - 1)
    _add("length 2^24-1, header only", "3.1", "server", octets, _delivered(incomplete=16),
         2**24 - 1)
    _bad("length one above max_recv", "any", frame(PING, length=65_537), "3.1", "payload_too_large")
    octets = frame(RESPONSE, call_id=1, length=4_194_304)
    _add("length equal to max_recv, header only", "3.1", "client", octets,
         _delivered(incomplete=16), 4_194_304)
    octets = frame(RESPONSE, call_id=1, length=4_194_305)
    _bad("length one above a client's max_recv", "client", octets, "3.1", "payload_too_large",
         4_194_304)


def _streams_of_bytes() -> None:
    ping, pong = frame(PING, bytes(8), call_id=1), frame(PONG, bytes(8), call_id=2)
    first, second = _frame(PING, bytes(8), call_id=1), _frame(PONG, bytes(8), call_id=2)
    _add("no bytes", "3", "any", b"", _delivered())
    _add("one byte of a header", "3", "any", ping[:1], _delivered(incomplete=1))
    _add("15 bytes of a header", "3", "any", ping[:15], _delivered(incomplete=15))
    _add("a header without its payload", "3", "any", ping[:16], _delivered(incomplete=16))
    _add("a payload less one byte", "3", "any", ping[:23], _delivered(incomplete=23))
    _add("two frames", "3", "any", ping + pong, _delivered(first, second))
    _add("a frame and a part of one", "3", "any", ping + pong[:20],
         _delivered(first, incomplete=20))
    _add("a frame and a bad one", "3.2", "any", ping + frame(0x7F) + pong,
         _error("protocol_error", first))
    for text in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                 b"SSH-2.0-OpenSSH_9.2\r\n"):
        name = text.decode().split("\r")[0]
        _bad(name, "any", text, "3.1", "payload_too_large")
    record = bytes.fromhex("16030102000100" "01fc0303" "00112233445566778899aabbccddeeff")
    _bad("a TLS ClientHello", "any", record, "3.1", "payload_too_large")
    startup = bytes.fromhex("00000029000300007573657200706f73746772657300")
    _bad("a PostgreSQL startup message", "any", startup, "3.1", "payload_too_large")
    _bad("16 bytes of zeros", "any", bytes(16))
    _bad("16 bytes of ones", "any", b"\xff" * 16, "3.1", "payload_too_large")


def document() -> dict[str, Any]:
    """The whole file."""
    _vectors.clear()
    for part in (_handshake_frames, _control_frames, _requests, _responses, _directions,
                 _unknown_types, _lengths, _streams_of_bytes):
        part()
    return {"spec": "SPEC.md, version 1", "vectors": _vectors}
