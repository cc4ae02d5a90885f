"""`handshake.json`: payloads of HELLO and WELCOME, and what becomes of the connection."""

from __future__ import annotations

import base64
from typing import Any

from .encoding import (
    FEATURE_CLOCK, FEATURE_LZ4, FEATURE_SCOPE, FEATURE_STREAM, MAX_U16, MAX_U32, MAX_U64, b, f64,
    handshake_payload, v,
)

CLOCK_ID = "5f0c1d9e-3b7a-4c55-9d0e-8a2b6f4e7c11"
OTHER_CLOCK_ID = "00000000-0000-4000-8000-000000000000"
OWN_FEATURES = FEATURE_LZ4 | FEATURE_CLOCK | FEATURE_SCOPE

_vectors: list[dict[str, Any]] = []


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _fixed(payload: bytes) -> dict[str, Any]:
    """The fixed fields, read anew from the bytes by position."""
    def number(start: int, end: int) -> int:
        return int.from_bytes(payload[start:end], "little")

    return {
        "ver_min": number(4, 6), "ver_max": number(6, 8), "features": str(number(8, 16)),
        "max_recv": number(16, 20), "max_inflight": number(20, 24), "max_streams": number(24, 28),
    }


def _hello(
    name: str, spec: str, message: bytes, json: dict[str, Any], agreed: int, **fixed: Any
) -> None:
    """A HELLO that is accepted with version 1 and the features `agreed`."""
    payload = handshake_payload(message, **fixed)
    _vectors.append({
        "name": name, "spec": spec, "receiver": "server", "hex": payload.hex(),
        "expect": {"outcome": "accepted", "version": 1, "features": str(agreed),
                   "fixed": _fixed(payload), "message": json},
    })


def _refused(name: str, spec: str, payload: bytes, code: int) -> None:
    """A HELLO that is answered with a refusal."""
    _vectors.append({
        "name": name, "spec": spec, "receiver": "server", "hex": payload.hex(),
        "expect": {"outcome": "refused", "code": code},
    })


def _welcome(
    name: str, spec: str, payload: bytes, code: int, expect: dict[str, Any]
) -> None:
    _vectors.append({
        "name": name, "spec": spec, "receiver": "client", "code": code, "hex": payload.hex(),
        "expect": expect,
    })


def _hellos() -> None:
    clock = b(3, CLOCK_ID)
    clock_json = {"clockId": _base64(CLOCK_ID)}
    _hello("the smallest HELLO", "4", b"", {}, 0, max_recv=1024)
    _hello("a HELLO with a name and a version", "4", b(1, "progress-cli") + b(2, "0.1.0"),
           {"name": "progress-cli", "version": "0.1.0"}, 0)
    _hello("the largest max_recv", "4", b"", {}, 0, max_recv=MAX_U32)
    _hello("versions 1 to 1", "4", b"", {}, 0, ver_min=1, ver_max=1)
    _hello("versions 1 to 65,535: the highest in common", "4", b"", {}, 0, ver_max=MAX_U16)
    _hello("LZ4 asked", "4.4", b"", {}, FEATURE_LZ4, features=FEATURE_LZ4)
    _hello("SCOPE asked", "4.4", b"", {}, FEATURE_SCOPE, features=FEATURE_SCOPE)
    _hello("STREAM asked, which the server has not", "4.4", b"", {}, 0, features=FEATURE_STREAM)
    _hello("features that nobody knows", "4.4", b"", {}, 0, features=MAX_U64 & ~0xF)
    _hello("all 64 features, same clock", "4.4", clock, clock_json, OWN_FEATURES, features=MAX_U64)
    _hello("CLOCK with the same clock", "4.5", clock, clock_json, FEATURE_CLOCK,
           features=FEATURE_CLOCK)
    _hello("CLOCK with another clock", "4.5", b(3, OTHER_CLOCK_ID),
           {"clockId": _base64(OTHER_CLOCK_ID)}, FEATURE_LZ4, features=FEATURE_CLOCK | FEATURE_LZ4)
    _hello("CLOCK without a clock", "4.5", b"", {}, 0, features=FEATURE_CLOCK)
    _hello("a clock without CLOCK", "4.5", clock, clock_json, 0)
    _hello("unknown fields in the message", "5.11", v(15, 7) + b(1, "x") + b(99, "later"),
           {"name": "x"}, 0)


def _refusals() -> None:
    good = handshake_payload(b(1, "x"))
    _refused("versions 9 to 9", "4.1", handshake_payload(ver_min=9, ver_max=9), 12)
    _refused("versions 2 to 65,535", "4.1", handshake_payload(ver_min=2, ver_max=MAX_U16), 12)
    _refused("an empty payload", "3.4", b"", 37)
    _refused("27 bytes", "3.4", good[:27], 37)
    _refused("a wrong magic", "3.4", handshake_payload(magic=b"PGRT"), 37)
    _refused("a magic in small letters", "3.4", handshake_payload(magic=b"pgrs"), 37)
    _refused("a magic in the other byte order", "3.4", handshake_payload(magic=b"SRGP"), 37)
    _refused("28 zeros", "3.4", bytes(28), 37)
    _refused("ver_min 0", "4", handshake_payload(ver_min=0, ver_max=1), 37)
    _refused("ver_min above ver_max", "4", handshake_payload(ver_min=2, ver_max=1), 37)
    _refused("max_recv 1,023", "4", handshake_payload(max_recv=1023), 37)
    _refused("max_recv 0", "4", handshake_payload(max_recv=0), 37)
    _refused("a message cut off", "3.4", handshake_payload(b(1, "abc")[:-1]), 37)
    _refused("a message with a name that is not UTF-8", "3.4",
             handshake_payload(b(1, b"\xff\xfe")), 37)
    _refused("a message of wire type 7", "3.4", handshake_payload(b"\x0f"), 37)


def _welcomes() -> None:
    message = b(1, "progress-server") + b(2, "0.1.0") + f64(3, 77) + v(5, 10_000)
    json = {"name": "progress-server", "version": "0.1.0", "epoch": "77",
            "defaultTimeoutMs": 10_000}

    def accepted(name: str, spec: str, tail: bytes, json: dict[str, Any], **fixed: Any) -> None:
        limits = {"max_recv": 65_536, "max_inflight": 256, **fixed}
        payload = handshake_payload(tail, **limits)
        _welcome(name, spec, payload, 0, {
            "outcome": "accepted", "version": 1, "features": str(fixed.get("features", 0)),
            "fixed": _fixed(payload), "message": json,
        })

    def refused(name: str, code: int, error: bytes, json: dict[str, Any], **fixed: Any) -> None:
        payload = handshake_payload(b(6, error), **fixed)
        _welcome(name, "4.1", payload, code, {
            "outcome": "refused", "code": code, "fixed": _fixed(payload),
            "message": {"refusal": json},
        })

    def broken(name: str, spec: str, payload: bytes, code: int = 0) -> None:
        _welcome(name, spec, payload, code, {"outcome": "protocol_error"})

    accepted("WELCOME without features", "4", message, json)
    accepted("WELCOME with all that was asked", "4", message + b(4, CLOCK_ID),
             {**json, "clockId": _base64(CLOCK_ID)}, features=OWN_FEATURES)
    accepted("WELCOME with an unknown field", "5.11", message + b(50, "later"), json)
    accepted("WELCOME with the largest epoch", "4.6", f64(3, MAX_U64), {"epoch": str(MAX_U64)})
    refused("refused: no version in common", 12, b(1, "we speak versions 3 to 4"),
            {"message": "we speak versions 3 to 4"}, ver_min=3, ver_max=4)
    refused("refused: no role", 7, b(1, "no"), {"message": "no"})
    refused("refused: too many connections", 8, b(1, "full") + v(3, 1000),
            {"message": "full", "retryAfterMs": 1000})
    refused("refused: draining", 14, b(1, "bye") + b(2, "DRAINING") + v(3, 500),
            {"message": "bye", "reason": "DRAINING", "retryAfterMs": 500})
    refused("refused: not well-formed", 37, b(1, "no magic"), {"message": "no magic"})
    refused("refused with a status nobody knows", 999, b(1, "?"), {"message": "?"})
    broken("WELCOME of 27 bytes", "3.2", handshake_payload(message)[:27])
    broken("WELCOME with a wrong magic", "4", handshake_payload(message, magic=b"PGRT"))
    broken("WELCOME with a wrong magic and a status", "4", handshake_payload(magic=b"HTTP"), 12)
    broken("WELCOME with two versions", "4", handshake_payload(message, ver_max=2))
    broken("WELCOME with a version that was not offered", "4",
           handshake_payload(message, ver_min=2, ver_max=2))
    broken("WELCOME with version 0", "4", handshake_payload(message, ver_min=0, ver_max=0))
    broken("WELCOME with a message cut off", "4", handshake_payload(b(1, "abc")[:-1]))


def document() -> dict[str, Any]:
    """The whole file."""
    _vectors.clear()
    _hellos()
    _refusals()
    _welcomes()
    own = {"ver_min": 1, "ver_max": 1, "features": str(OWN_FEATURES),
           "clock_id": CLOCK_ID.encode().hex()}
    return {"spec": "SPEC.md, version 1", "receiver_has": own, "vectors": _vectors}
