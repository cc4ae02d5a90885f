"""Decompression of LZ4 bodies: a length, then one block (SPEC.md, section 10)."""

from __future__ import annotations

import struct

# No LZ4 block grows to more than this many times its own length.
LARGEST_RATIO = 255


class BadCompression(Exception):
    """A compressed body that is not what it says it is."""


def decompress_body(body: bytes, max_recv: int) -> bytes:
    """Returns the bytes of a compressed body; raises `BadCompression`.

    Nothing is decompressed before `raw_len` is known to be within `max_recv` and within what the
    block can hold.
    """
    if len(body) < 4:
        raise BadCompression(f"a compressed body of {len(body)} bytes has no raw_len of 4")
    raw_len: int = struct.unpack_from("<I", body)[0]
    block = body[4:]
    if raw_len > max_recv:
        raise BadCompression(f"raw_len is {raw_len} bytes; the limit is {max_recv}")
    if raw_len > LARGEST_RATIO * len(block):
        raise BadCompression(
            f"raw_len is {raw_len} bytes; a block of {len(block)} cannot hold them"
        )
    return decompress_block(block, raw_len)


def decompress_block(block: bytes, raw_len: int) -> bytes:
    """Decompresses one block, which must give exactly `raw_len` bytes; raises `BadCompression`."""
    out = bytearray()
    position = 0

    def length(nibble: int) -> int:
        """Reads what follows a nibble of 15: bytes to add, up to and with the first below 255."""
        nonlocal position
        total = nibble
        more = nibble == 15
        while more:
            if position >= len(block):
                raise BadCompression("the block ends in a length")
            total += block[position]
            more = block[position] == 255
            position += 1
        return total

    while position < len(block):
        token = block[position]
        position += 1
        literals = length(token >> 4)
        if literals > len(block) - position or literals > raw_len - len(out):
            raise BadCompression(f"{literals} literals do not fit")
        out += block[position : position + literals]
        position += literals
        if position == len(block):
            # The last sequence is the one without a match, and its token says so.
            if token & 0x0F or len(out) != raw_len:
                raise BadCompression(f"the block gave {len(out)} bytes instead of {raw_len}")
            return bytes(out)
        if len(block) - position < 2:
            raise BadCompression("the block ends in an offset")
        offset: int = struct.unpack_from("<H", block, position)[0]
        position += 2
        if not 1 <= offset <= len(out):
            raise BadCompression(f"offset {offset} after {len(out)} bytes")
        match = length(token & 0x0F) + 4
        if match > raw_len - len(out):
            raise BadCompression(f"a match of {match} bytes does not fit")
        _copy_match(out, offset, match)
    raise BadCompression("the block does not end in literals")


def _copy_match(out: bytearray, offset: int, match: int) -> None:
    """Appends `match` bytes from `offset` back; the two may overlap, which repeats the bytes."""
    start = len(out) - offset
    pattern = bytes(out[start : start + match])
    repeats, rest = divmod(match, len(pattern))
    out += pattern * repeats + pattern[:rest]
