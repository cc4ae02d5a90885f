"""Runs the vectors of `../vectors` against this client: `python3 -m unittest test_vectors`."""

from __future__ import annotations

import json
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

import progress_pb2 as pb
from progress_handshake import Accepted, Offer, Refused, answer_hello, read_welcome
from progress_lz4 import BadCompression, decompress_body
from progress_messages import BadMessage, decoded
from progress_wire import (
    Feature,
    Frame,
    FrameDecoder,
    FrameType,
    GoAway,
    PayloadTooLarge,
    ProtocolError,
    RequestPayload,
    ResponsePayload,
    Side,
)

VECTORS = Path(__file__).resolve().parent.parent / "vectors"


def load(name: str) -> dict[str, Any]:
    """A file of vectors, which must not be empty."""
    document: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    assert document["vectors"], name
    return document


class GeneratorTests(unittest.TestCase):
    def test_the_committed_files_are_what_the_generator_writes(self) -> None:
        command = [sys.executable, str(VECTORS / "generate.py"), "--check"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class FrameTests(unittest.TestCase):
    def test_frames(self) -> None:
        for vector in load("frames")["vectors"]:
            sides = list(Side) if vector["receiver"] == "any" else [Side(vector["receiver"])]
            for side in sides:
                # All at once, one byte at a time, and in sevens.
                for chunk in (max(len(vector["hex"]) // 2, 1), 1, 7):
                    with self.subTest(vector["name"], side=side.value, chunk=chunk):
                        self.assertEqual(self._decode(vector, side, chunk), vector["expect"])

    def _decode(self, vector: dict[str, Any], side: Side, chunk: int) -> dict[str, Any]:
        octets = bytes.fromhex(vector["hex"])
        decoder = FrameDecoder(side, vector["max_recv"])
        decoder.features = Feature(int(vector["features"]))
        frames: list[Frame] = []
        error: str | None = None
        try:
            for start in range(0, len(octets), chunk):
                decoder.feed(octets[start : start + chunk])
                while (frame := decoder.next_frame()) is not None:
                    frames.append(frame)
        except PayloadTooLarge:
            error = "payload_too_large"
        except ProtocolError:
            error = "protocol_error"
        result: dict[str, Any] = {
            "frames": [self._described(frame) for frame in frames],
            "ignored": decoder.ignored,
            "incomplete": 0 if error else decoder.buffered_byte_count,
        }
        if error:
            result["error"] = error
        else:
            encoded = b"".join(frame.encode() for frame in frames)
            if not decoder.ignored:
                self.assertEqual(encoded, octets[: len(octets) - decoder.buffered_byte_count])
        return result

    @staticmethod
    def _described(frame: Frame) -> dict[str, Any]:
        result: dict[str, Any] = {
            "type": int(frame.type),
            "flags": int(frame.flags),
            "code": frame.code,
            "call_id": str(frame.call_id),
            "payload": frame.payload.hex(),
        }
        match frame.type:
            case FrameType.REQUEST:
                request = RequestPayload.decode(frame.payload)
                result["request"] = {
                    "timeout_us": request.timeout_us,
                    "credit": request.credit,
                    "meta": request.meta.hex(),
                    "body": request.body.hex(),
                }
            case FrameType.RESPONSE:
                response = ResponsePayload.decode(frame.payload)
                result["response"] = {"server_us": response.server_us, "body": response.body.hex()}
            case FrameType.GOAWAY:
                goaway = GoAway.decode(frame.payload)
                result["goaway"] = {"drain_ms": goaway.drain_ms, "text": goaway.text}
        return result


class MessageTests(unittest.TestCase):
    def test_messages(self) -> None:
        names = set()
        for vector in load("messages")["vectors"]:
            names.add(vector["message"])
            with self.subTest(vector["name"]):
                self._check(vector, getattr(pb, vector["message"])())
        self.assertEqual(names, set(pb.DESCRIPTOR.message_types_by_name))

    def _check(self, vector: dict[str, Any], message: Message) -> None:
        octets, expect = bytes.fromhex(vector["hex"]), vector["expect"]
        if "error" in expect:
            self.assertEqual(expect["error"], "bad_message")
            with self.assertRaises(BadMessage):
                decoded(octets, message)
            return
        decoded(octets, message)
        message.DiscardUnknownFields()
        self.assertEqual(json_format.MessageToDict(message), expect["json"])
        same = json_format.ParseDict(expect["json"], type(message)())
        self.assertEqual(same, message)
        if expect["canonical"]:
            self.assertEqual(message.SerializeToString(deterministic=True), octets)


class HandshakeTests(unittest.TestCase):
    def test_handshakes(self) -> None:
        document = load("handshake")
        own = document["receiver_has"]
        offer = Offer(
            own["ver_min"],
            own["ver_max"],
            int(own["features"]),
            clock_id=bytes.fromhex(own["clock_id"]),
        )
        for vector in document["vectors"]:
            with self.subTest(vector["name"]):
                self._check(vector, offer)

    def _check(self, vector: dict[str, Any], own: Offer) -> None:
        payload, expect = bytes.fromhex(vector["hex"]), vector["expect"]
        outcome: Accepted[pb.Hello] | Accepted[pb.Welcome] | Refused
        if vector["receiver"] == "server":
            outcome = answer_hello(payload, own)
        elif expect["outcome"] == "protocol_error":
            with self.assertRaises(ProtocolError):
                read_welcome(vector["code"], payload, own)
            return
        else:
            outcome = read_welcome(vector["code"], payload, own)
        if expect["outcome"] == "refused":
            assert isinstance(outcome, Refused), outcome
            self.assertEqual(outcome.code, expect["code"])
            if outcome.message is not None:
                self.assertEqual(json_format.MessageToDict(outcome.message), expect["message"])
            return
        assert isinstance(outcome, Accepted), outcome
        peer = outcome.peer
        outcome.message.DiscardUnknownFields()
        self.assertEqual(
            {
                "outcome": "accepted",
                "version": outcome.version,
                "features": str(int(outcome.features)),
                "fixed": {
                    "ver_min": peer.ver_min,
                    "ver_max": peer.ver_max,
                    "features": str(peer.features),
                    "max_recv": peer.max_recv,
                    "max_inflight": peer.max_inflight,
                    "max_streams": peer.max_streams,
                },
                "message": json_format.MessageToDict(outcome.message),
            },
            expect,
        )


class CompressionTests(unittest.TestCase):
    def test_bodies(self) -> None:
        for vector in load("lz4")["vectors"]:
            body, expect = bytes.fromhex(vector["hex"]), vector["expect"]
            with self.subTest(vector["name"]):
                if "error" in expect:
                    self.assertEqual(expect["error"], "bad_compression")
                    self.assertLessEqual(set(expect), {"error", "may_decode"})
                    with self.assertRaises(BadCompression):
                        decompress_body(body, vector["max_recv"])
                else:
                    parts = (
                        bytes.fromhex(part["hex"]) * part["count"] for part in expect["output"]
                    )
                    self.assertEqual(decompress_body(body, vector["max_recv"]), b"".join(parts))


if __name__ == "__main__":
    unittest.main()
