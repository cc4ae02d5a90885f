"""The steps that transcripts consist of, and what a server's frames must look like."""

from __future__ import annotations

from typing import Any

from .encoding import (
    GOAWAY, HELLO, MAX_I64, PING, PONG, RESPONSE, WELCOME, b, frame, handshake_payload, v,
)

Step = dict[str, Any]

END: Step = {"end": True}
FINISH: Step = {"finish": True}
NO_JOB = v(1, MAX_I64)


def hello(message: bytes = b(1, "transcript"), **fixed: Any) -> bytes:
    """A HELLO frame."""
    return frame(HELLO, handshake_payload(message, **fixed))


def send(*octets: bytes, chunk: int | None = None, why: str | None = None) -> Step:
    """One write of all bytes, or writes of `chunk` bytes each."""
    step: Step = {"send": b"".join(octets).hex()}
    if chunk is not None:
        step["chunk"] = chunk
    if why is not None:
        step["why"] = why
    return step


def receive(*frames: dict[str, Any]) -> Step:
    """These frames, in any order."""
    return {"receive": list(frames)}


def welcome(features: int = 0) -> dict[str, Any]:
    return {"type": WELCOME, "flags": 0, "code": 0, "call_id": "0", "handshake": {
        "ver_min": 1, "ver_max": 1, "features": str(features), "max_streams": 0}}


def refusal(code: int) -> dict[str, Any]:
    return {"type": WELCOME, "flags": 0, "code": code, "call_id": "0",
            "handshake": {"ver_min": 1, "ver_max": 1}}


def answer(call_id: int, body: bytes) -> dict[str, Any]:
    return {"type": RESPONSE, "flags": 0, "code": 0, "call_id": str(call_id), "body": body.hex()}


def failure(call_id: int, *codes: int, flags_set: int = 0, **error: Any) -> dict[str, Any]:
    result = {"type": RESPONSE, "code_in": list(codes), "call_id": str(call_id)}
    if flags_set:
        result["flags_set"] = flags_set
    if error:
        result["error"] = error
    return result


def pong(call_id: int, payload: bytes) -> dict[str, Any]:
    return {"type": PONG, "flags": 0, "code": 0, "call_id": str(call_id), "payload": payload.hex()}


PING_1 = frame(PING, b"fence-01", call_id=1)
PONG_1 = pong(1, b"fence-01")
GONE = {"type": GOAWAY, "flags": 0, "call_id": "0"}


def transcript(name: str, spec: str, *steps: Step, needs: str | None = None) -> dict[str, Any]:
    result: dict[str, Any] = {"name": name, "spec": spec}
    if needs is not None:
        result["needs"] = needs
    return {**result, "steps": list(steps)}


def opened(name: str, spec: str, *steps: Step, needs: str | None = None) -> dict[str, Any]:
    """A transcript that begins with a plain handshake."""
    return transcript(name, spec, send(hello()), receive(welcome()), *steps, needs=needs)
