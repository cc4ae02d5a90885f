"""Decoding of proto3 messages, with one error for every implementation of `protobuf`."""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

M = TypeVar("M", bound=Message)


class BadMessage(Exception):
    """Bytes that are not the message they should be."""


def decoded(octets: bytes, message: M) -> M:
    """Fills an empty message and returns it; raises `BadMessage`."""
    try:
        message.ParseFromString(octets)
    except (DecodeError, UnicodeDecodeError) as error:
        raise BadMessage(f"{message.DESCRIPTOR.name} cannot be decoded") from error
    return message
