"""HELLO and WELCOME (SPEC.md, section 4), seen from both ends, without I/O."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import progress_pb2 as pb
from progress_messages import BadMessage, decoded
from progress_wire import Feature, ProtocolError, Status

MAGIC = b"PGRS"
_FIXED = struct.Struct("<4sHHQIII")
SMALLEST_MAX_RECV = 1024


def clock_id() -> bytes:
    """Stands for the host's monotonic clock: its boot id as the kernel prints it, or nothing."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    except OSError:
        return b""


@dataclass(frozen=True)
class Offer:
    """What one side brings to a handshake."""

    ver_min: int = 1
    ver_max: int = 1
    features: int = Feature.NONE
    max_recv: int = 4_194_304
    max_inflight: int = 0
    max_streams: int = 0
    clock_id: bytes = b""

    def encode(self, message: pb.Hello | pb.Welcome) -> bytes:
        """The payload of a HELLO or WELCOME."""
        fixed = _FIXED.pack(
            MAGIC,
            self.ver_min,
            self.ver_max,
            self.features,
            self.max_recv,
            self.max_inflight,
            self.max_streams,
        )
        return fixed + message.SerializeToString()


M = TypeVar("M", pb.Hello, pb.Welcome)


@dataclass(frozen=True)
class Accepted(Generic[M]):
    """A handshake that opens the connection."""

    version: int
    features: Feature
    peer: Offer
    message: M


@dataclass(frozen=True)
class Refused:
    """A handshake that fails with a status."""

    code: int
    text: str
    message: pb.Welcome | None = None


def _decode_fixed(payload: bytes) -> Offer:
    if len(payload) < _FIXED.size:
        raise ProtocolError(f"a handshake of {len(payload)} bytes; it needs {_FIXED.size}")
    magic, *numbers = _FIXED.unpack_from(payload)
    if magic != MAGIC:
        raise ProtocolError(f"the magic is {magic.hex()}; it must be {MAGIC.hex()}")
    return Offer(*numbers)


def answer_hello(payload: bytes, own: Offer) -> Accepted[pb.Hello] | Refused:
    """What a server makes of a HELLO."""
    try:
        offer = _decode_fixed(payload)
        hello = decoded(payload[_FIXED.size :], pb.Hello())
    except (ProtocolError, BadMessage) as error:
        return Refused(Status.BAD_MESSAGE, str(error))
    if not 1 <= offer.ver_min <= offer.ver_max:
        return Refused(Status.BAD_MESSAGE, f"versions {offer.ver_min} to {offer.ver_max}")
    if offer.max_recv < SMALLEST_MAX_RECV:
        return Refused(Status.BAD_MESSAGE, f"max_recv is {offer.max_recv}; it must be 1024 or more")
    version = min(offer.ver_max, own.ver_max)
    if version < max(offer.ver_min, own.ver_min):
        return Refused(
            Status.UNIMPLEMENTED,
            f"client speaks {offer.ver_min} to {offer.ver_max}, "
            f"server {own.ver_min} to {own.ver_max}",
        )
    features = Feature(offer.features & own.features)
    if hello.clock_id != own.clock_id or not own.clock_id:
        features &= ~Feature.CLOCK
    return Accepted(version, features, offer, hello)


def read_welcome(code: int, payload: bytes, own: Offer) -> Accepted[pb.Welcome] | Refused:
    """What a client makes of a WELCOME; raises `ProtocolError`."""
    offer = _decode_fixed(payload)
    try:
        welcome = decoded(payload[_FIXED.size :], pb.Welcome())
    except BadMessage as error:
        raise ProtocolError(str(error)) from error
    if code:
        return Refused(code, welcome.refusal.message, welcome)
    if offer.ver_min != offer.ver_max or not own.ver_min <= offer.ver_min <= own.ver_max:
        raise ProtocolError(
            f"WELCOME chose versions {offer.ver_min} to {offer.ver_max}, "
            f"offered were {own.ver_min} to {own.ver_max}"
        )
    return Accepted(offer.ver_min, Feature(offer.features & own.features), offer, welcome)
