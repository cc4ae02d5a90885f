"""`lz4.json`: compressed bodies, good and hostile."""

from __future__ import annotations

import struct
from typing import Any

Pattern = list[tuple[bytes, int]]

_vectors: list[dict[str, Any]] = []


def _length(value: int) -> bytes:
    """What follows a token whose nibble is 15, for a length that is 15 more than `value`."""
    return b"\xff" * (value // 255) + bytes([value % 255])


def _sequence(literals: bytes, offset: int, match: int) -> bytes:
    """Literals, then a copy of `match` bytes (at least 4) from `offset` bytes back."""
    short = match - 4
    out = bytes([min(len(literals), 15) << 4 | min(short, 15)])
    if len(literals) >= 15:
        out += _length(len(literals) - 15)
    out += literals + struct.pack("<H", offset)
    if short >= 15:
        out += _length(short - 15)
    return out


def _last(literals: bytes) -> bytes:
    """The sequence that ends a block: literals only."""
    out = bytes([min(len(literals), 15) << 4])
    if len(literals) >= 15:
        out += _length(len(literals) - 15)
    return out + literals


def _body(raw_len: int, block: bytes) -> bytes:
    return struct.pack("<I", raw_len) + block


def _noise(count: int) -> bytes:
    """Bytes without a pattern (a linear congruential generator)."""
    state, out = 1, bytearray()
    for _ in range(count):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        out.append(state >> 16 & 0xFF)
    return bytes(out)


def _good(name: str, body: bytes, output: Pattern, max_recv: int = 65_536) -> None:
    announced = struct.unpack_from("<I", body)[0]
    assert announced == sum(len(octets) * count for octets, count in output), name
    parts = [{"hex": octets.hex(), "count": count} for octets, count in output]
    _vectors.append({
        "name": name, "spec": "10.1", "max_recv": max_recv, "hex": body.hex(),
        "expect": {"output": parts},
    })


def _bad(
    name: str, body: bytes, max_recv: int = 65_536, spec: str = "10.2", may_decode: bool = False
) -> None:
    expect: dict[str, Any] = {"error": "bad_compression"}
    if may_decode:
        expect["may_decode"] = True
    _vectors.append({
        "name": name, "spec": spec, "max_recv": max_recv, "hex": body.hex(), "expect": expect,
    })


def _good_blocks() -> None:
    _good("no bytes", _body(0, _last(b"")), [])
    _good("one byte", _body(1, _last(b"a")), [(b"a", 1)])
    _good("14 literals, the most in a token", _body(14, _last(b"abcdefghijklmn")),
          [(b"abcdefghijklmn", 1)])
    _good("15 literals, the least with a length byte", _body(15, _last(b"abcdefghijklmno")),
          [(b"abcdefghijklmno", 1)])
    for count in (269, 270, 271, 1000):
        octets = _noise(count)
        _good(f"{count} bytes that do not compress", _body(count, _last(octets)), [(octets, 1)])
    tail = _last(b"a" * 12)
    _good("a run: a match that overlaps itself", _body(32, _sequence(b"a", 1, 19) + tail),
          [(b"a", 32)])
    _good("a match of 18, the most in a token", _body(31, _sequence(b"a", 1, 18) + tail),
          [(b"a", 31)])
    _good("a pattern of three", _body(33, _sequence(b"abc", 3, 18) + _last(b"abcabcabcabc")),
          [(b"abc", 11)])
    _good("the shortest match", _body(20, _sequence(b"wxyz", 4, 4) + _last(b"0123456789AB")),
          [(b"wxyz", 2), (b"0123456789AB", 1)])
    _good("two matches in a row", _body(28, _sequence(b"wxyz", 4, 4) + _sequence(b"", 8, 8)
          + _last(b"0123456789AB")), [(b"wxyz", 4), (b"0123456789AB", 1)])
    zeros = _sequence(b"\0", 1, 65_536 - 13) + _last(bytes(12))
    _good("65,536 zeros", _body(65_536, zeros), [(b"\0", 65_536)])
    many = _sequence(b"\0", 1, 1_048_576 - 13) + _last(bytes(12))
    _good("1,048,576 zeros, nearly 255 times its block", _body(1_048_576, many),
          [(b"\0", 1_048_576)], 4_194_304)
    far = _sequence(b"far away", 8, 65_527) + _sequence(b"!", 65_535, 15) + _last(b"0123456789AB")
    _good("the largest offset", _body(65_563, far),
          [(b"far away", 8_191), (b"far awa", 1), (b"!", 1), (b"ar away" b"far away", 1),
           (b"0123456789AB", 1)], 4_194_304)


def _bad_blocks() -> None:
    good = _sequence(b"abc", 3, 18) + _last(b"abcabcabcabc")
    zeros = _sequence(b"\0", 1, 65_536 - 13) + _last(bytes(12))
    for count in range(4):
        _bad(f"a body of {count} bytes, too short for raw_len", bytes(count), spec="10.1")
    _bad("an empty block", _body(0, b""))
    _bad("an empty block that promises a byte", _body(1, b""))
    _bad("raw_len one too large", _body(34, good))
    _bad("raw_len one too small", _body(32, good))
    _bad("raw_len 0 for a block with bytes", _body(0, good))
    _bad("raw_len one above max_recv", _body(1025, _last(_noise(1025))), 1024)
    _bad("raw_len 2^32-1", _body(2**32 - 1, good))
    _bad("raw_len 2^31", _body(2**31, good))
    _bad("raw_len within max_recv, above 255 times the block", _body(256, b"\x00"))
    _bad("raw_len 4,194,304 for a block of 20 bytes", _body(4_194_304, b"\x1f" + bytes(19)),
         4_194_304)
    _bad("64 KiB of zeros at max_recv 65,535", _body(65_536, zeros), 65_535)
    _bad("cut off in the last literals", _body(33, good[:-1]))
    _bad("cut off after a match", _body(21, good[:6]))
    _bad("cut off in an offset", _body(33, good[:5]))
    _bad("cut off after the token", _body(33, b"\x3e"))
    _bad("cut off in a literal length", _body(300, b"\xf0\xff"))
    _bad("cut off in a match length", _body(300, b"\x1fa\x01\x00\xff"))
    _bad("more literals than bytes", _body(100, b"\xf0\x55abcdef"))
    _bad("a byte behind the end", _body(33, good + b"\x00"))
    _bad("a second block behind the end", _body(33, good + good))
    offset = _sequence(b"abc", 4, 18) + _last(b"abcabcabcabc")
    _bad("an offset one before the first byte", _body(33, offset))
    offset = _sequence(b"abc", 65_535, 18) + _last(b"abcabcabcabc")
    _bad("the largest offset at the beginning", _body(33, offset))
    _bad("a match before any byte", _body(33, _sequence(b"", 1, 21) + _last(b"abcabcabcabc")))
    # The format calls it corrupt; the reference library, liblz4, takes it and writes zeros.
    _bad("offset 0", _body(33, _sequence(b"abc", 0, 18) + _last(b"abcabcabcabc")), may_decode=True)
    _bad("a match that runs past raw_len", _body(33, _sequence(b"a", 1, 4_000) + _last(b"a" * 12)))
    _bad("bytes without meaning", _body(64, b"\xff" * 64))


def document() -> dict[str, Any]:
    """The whole file."""
    _vectors.clear()
    _good_blocks()
    _bad_blocks()
    return {"spec": "SPEC.md, version 1", "vectors": _vectors}
