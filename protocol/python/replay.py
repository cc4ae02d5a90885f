"""Replays `../transcripts` against a server; their schema is in `../vectors/README.md`."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import progress_pb2 as pb
from progress_handshake import Offer, read_welcome
from progress_messages import BadMessage, decoded
from progress_wire import (
    Feature,
    Frame,
    FrameDecoder,
    FrameType,
    GoAway,
    ProtocolError,
    ResponsePayload,
    Side,
    Status,
)

FOLDER = Path(__file__).resolve().parent.parent / "transcripts"
_PATIENCE = 20.0


class Mismatch(AssertionError):
    """The server did something else than the transcript says."""


def transcripts() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each transcript with the name of its file."""
    for path in sorted(FOLDER.glob("*.json")):
        for transcript in json.loads(path.read_text(encoding="utf-8"))["transcripts"]:
            yield path.stem, transcript


def replay(path: str, transcript: dict[str, Any]) -> None:
    """Plays the client's part on a fresh connection; raises `Mismatch`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(_PATIENCE)
        stream.connect(path)
        player = _Player(stream)
        for number, step in enumerate(transcript["steps"], 1):
            try:
                player.play(step)
            except (Mismatch, OSError, ProtocolError, BadMessage) as error:
                raise Mismatch(f"step {number}: {error}") from error


class _Player:
    def __init__(self, stream: socket.socket) -> None:
        self._socket = stream
        self._decoder = FrameDecoder(Side.CLIENT, 4_194_304)
        self._decoder.features = Feature.LZ4

    def play(self, step: dict[str, Any]) -> None:
        allowed = step.get("may_receive", [])
        if "send" in step:
            self._write(bytes.fromhex(step["send"]), step.get("chunk"))
        elif "receive" in step:
            self._receive(list(step["receive"]), allowed)
        elif "finish" in step:
            self._socket.shutdown(socket.SHUT_WR)
        elif "end" in step:
            while (frame := self._next()) is not None:
                if frame.type not in allowed:
                    raise Mismatch(f"{_text(frame)} instead of the end")
        else:
            raise Mismatch(f"a step of an unknown kind: {', '.join(step)}")

    def _write(self, octets: bytes, chunk: int | None) -> None:
        size = chunk or max(len(octets), 1)
        try:
            for start in range(0, len(octets), size):
                self._socket.sendall(octets[start : start + size])
        except (BrokenPipeError, ConnectionResetError):
            # The server has seen enough; what it said is in the steps to come.
            pass

    def _receive(self, expected: list[dict[str, Any]], allowed: list[int]) -> None:
        while expected:
            frame = self._next()
            if frame is None:
                raise Mismatch(f"the end instead of {expected}")
            complaints = []
            for candidate in expected:
                complaint = _difference(candidate, frame)
                if complaint is None:
                    expected.remove(candidate)
                    break
                complaints.append(complaint)
            else:
                if frame.type not in allowed:
                    raise Mismatch(f"{_text(frame)}: {'; or '.join(complaints)}")

    def _next(self) -> Frame | None:
        """The next frame that is not ignorable; `None` at the end."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            frame = self._decoder.next_frame()
            if frame is not None and frame.type is FrameType.PING:
                pong = Frame(FrameType.PONG, frame.payload, call_id=frame.call_id)
                self._socket.sendall(pong.encode())
                continue
            if frame is not None:
                _check(frame)
                return frame
            if time.monotonic() > deadline:
                raise Mismatch("nothing arrived in time")
            try:
                octets = self._socket.recv(65_536)
            except ConnectionResetError:
                octets = b""
            if not octets:
                if self._decoder.buffered_byte_count:
                    raise Mismatch("the server's bytes end within a frame")
                return None
            self._decoder.feed(octets)


def _error(frame: Frame) -> pb.Error:
    """The Error of a RESPONSE whose code is neither OK nor NOT_MODIFIED."""
    return decoded(ResponsePayload.decode(frame.payload).body, pb.Error())


def _check(frame: Frame) -> None:
    """What holds for every frame of a server, whatever the transcript says."""
    if frame.type is FrameType.WELCOME:
        outcome = read_welcome(frame.code, frame.payload, Offer(ver_max=65_535, features=2**64 - 1))
        message = outcome.message
        if message is None or message.HasField("refusal") != (frame.code != 0):
            raise Mismatch("a refusal must be present exactly when the code is not 0")
        if frame.code == 0 and (message.epoch == 0 or message.default_timeout_ms == 0):
            raise Mismatch("a WELCOME without epoch or default_timeout_ms")
        if frame.code != 0 and not message.refusal.message:
            raise Mismatch("a refusal that does not say why")
    elif frame.type is FrameType.GOAWAY:
        text = GoAway.decode(frame.payload).text
        if not 1 <= len(text.encode()) <= 1024:
            raise Mismatch(f"a GOAWAY with a text of {len(text.encode())} bytes")
    elif frame.type is FrameType.RESPONSE and frame.code not in (Status.OK, Status.NOT_MODIFIED):
        if not 1 <= len(_error(frame).message.encode()) <= 1024:
            raise Mismatch("an Error without text, or with too much of it")


def _difference(expected: dict[str, Any], frame: Frame) -> str | None:
    """What differs; `None` if the frame is the one that is expected."""
    found: dict[str, Any] = {
        "type": int(frame.type),
        "flags": int(frame.flags),
        "code": frame.code,
        "call_id": str(frame.call_id),
        "payload": frame.payload.hex(),
    }
    for key, value in expected.items():
        match key:
            case "code_in":
                if frame.code not in value:
                    return f"code {frame.code} is not in {value}"
            case "flags_set":
                if frame.flags & value != value:
                    return f"flags {frame.flags:#x} lack some of {value:#x}"
            case "body":
                body = ResponsePayload.decode(frame.payload).body.hex()
                if body != value:
                    return f"body {body[:64]} is not {value[:64]}"
            case "handshake":
                fixed = _fixed(frame.payload)
                wrong = {name for name in value if fixed[name] != value[name]}
                if wrong:
                    return f"{', '.join(sorted(wrong))}: found {fixed}"
            case "error":
                error = _error(frame)
                if error.reason != value.get("reason", error.reason):
                    return f"reason {error.reason!r} is not {value['reason']!r}"
                for name, detail in value.get("details", {}).items():
                    if error.details.get(name) != detail:
                        return f"detail {name} is {error.details.get(name)!r}, not {detail!r}"
            case _:
                if found[key] != value:
                    return f"{key} {found[key]} is not {value}"
    return None


def _fixed(payload: bytes) -> dict[str, Any]:
    """The fixed fields of a WELCOME, as the transcripts name them."""

    def number(start: int, end: int) -> int:
        return int.from_bytes(payload[start:end], "little")

    return {
        "ver_min": number(4, 6),
        "ver_max": number(6, 8),
        "features": str(number(8, 16)),
        "max_recv": number(16, 20),
        "max_inflight": number(20, 24),
        "max_streams": number(24, 28),
    }


def _text(frame: Frame) -> str:
    text = f"{frame.type.name} code {frame.code} call {frame.call_id} flags {int(frame.flags):#x}"
    if frame.type is FrameType.GOAWAY:
        text += f" {GoAway.decode(frame.payload).text!r}"
    elif frame.type is FrameType.RESPONSE and frame.code not in (Status.OK, Status.NOT_MODIFIED):
        text += f" {_error(frame).message!r}"
    return text
