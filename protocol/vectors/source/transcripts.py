"""`../transcripts/*.json`: what a client sends to a live server, and what it must get back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .encoding import (
    ACCEPT_LZ4, CANCEL, CREDIT, DESCRIBE, ECHO, FEATURE_LZ4, FEATURE_SCOPE, FEATURE_STREAM,
    GET_JOB_PROGRESS, GET_JOB_PROGRESS_BATCH, GOAWAY, HEALTH, HELLO, ITEM, LZ4, MAX_I64, MAX_U16, MAX_U32, MAX_U64,
    NOT_PROCESSED, PING, PONG, REQUEST, RESPONSE, RETRYABLE, STREAM, WELCOME, b, f64, frame,
    goaway_payload, handshake_payload, request, request_payload, v,
)
from .steps import (
    END, FINISH, GONE, NO_JOB, PING_1, PONG_1, answer, failure, hello, opened, pong, receive,
    refusal, send, transcript, welcome,
)

def _handshakes() -> list[dict[str, Any]]:
    octets = hello()
    echo = request(1, ECHO, b"early")
    eight = b"".join(request(i, ECHO, bytes([i])) for i in range(1, 9))
    return [
        transcript("hello", "4", send(octets), receive(welcome()), FINISH, END),
        transcript("hello, one byte at a time", "4", send(octets, chunk=1), receive(welcome()),
                    FINISH, END),
        transcript("hello of the 28 fixed bytes", "4", send(hello(b"")), receive(welcome()),
                    FINISH, END),
        transcript("hello with the smallest max_recv", "4", send(hello(max_recv=1024)),
                    receive(welcome()), FINISH, END),
        transcript("hello with unknown fields", "5.11", send(hello(v(77, 1) + b(1, "x"))),
                    receive(welcome()), FINISH, END),
        transcript("hello asks LZ4", "4.4", send(hello(features=FEATURE_LZ4)),
                    receive(welcome(FEATURE_LZ4)), FINISH, END),
        transcript("hello asks STREAM", "4.4", send(hello(features=FEATURE_STREAM)),
                    receive(welcome()), FINISH, END),
        transcript("hello asks features that nobody knows", "4.4",
                    send(hello(features=MAX_U64 & ~0xF)), receive(welcome()), FINISH, END),
        transcript("hello up to version 65,535", "4", send(hello(ver_max=MAX_U16)),
                    receive(welcome()), FINISH, END),
        transcript("a request behind hello, in one write", "4.3", send(octets, echo),
                    receive(welcome(), answer(1, b"early")), FINISH, END),
        transcript("eight requests behind hello, one byte at a time", "4.3",
                    send(octets, eight, chunk=1),
                    receive(welcome(), *(answer(i, bytes([i])) for i in range(1, 9))), FINISH, END),
        transcript("an ignorable frame before hello", "11",
                    send(frame(0xC3, b"grease", flags=0xFF, code=1, call_id=2), octets),
                    receive(welcome()), FINISH, END),
        transcript("an ignorable frame behind hello", "13",
                    send(octets, frame(0xFE, b"grease"), echo),
                    receive(welcome(), answer(1, b"early")), FINISH, END),
    ]


def _refusals() -> list[dict[str, Any]]:
    good = handshake_payload(b(1, "x"))

    def bad(name: str, octets: bytes, spec: str = "3.4") -> dict[str, Any]:
        return transcript(name, spec, send(octets), receive(refusal(37)), END)

    return [
        transcript("versions 9 to 9", "4.1", send(hello(ver_min=9, ver_max=9)),
                    receive(refusal(12)), END),
        transcript("versions 9 to 9 with a request behind it", "4.1",
                    send(hello(ver_min=9, ver_max=9), request(1, ECHO, b"x")),
                    receive(refusal(12)), END),
        bad("a wrong magic", frame(HELLO, handshake_payload(magic=b"HTTP"))),
        bad("ver_min above ver_max", hello(ver_min=2, ver_max=1), "4"),
        bad("ver_min 0", hello(ver_min=0), "4"),
        bad("max_recv 1,023", hello(max_recv=1023), "4"),
        bad("hello of 27 bytes", frame(HELLO, good[:27])),
        bad("hello with a call_id", frame(HELLO, good, call_id=1)),
        bad("hello with a code", frame(HELLO, good, code=1)),
        bad("hello with a flag", frame(HELLO, good, flags=1)),
        bad("hello with a message cut off", frame(HELLO, good[:-1])),
        bad("an HTTP request", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        bad("a TLS ClientHello", bytes.fromhex("1603010200010001fc0303") + bytes(32)),
        bad("zeros", bytes(64)),
        bad("hello of 2^24 bytes", frame(HELLO, length=2**24)),
        bad("REQUEST before hello", request(1, ECHO, b"x"), "11"),
        bad("CANCEL before hello", frame(CANCEL, call_id=1), "11"),
        bad("PING before hello", PING_1, "11"),
        bad("PONG before hello", frame(PONG, bytes(8)), "11"),
        bad("GOAWAY before hello", frame(GOAWAY, bytes(4)), "11"),
        bad("CREDIT before hello", frame(CREDIT, bytes(4), call_id=1), "11"),
        bad("WELCOME before hello", frame(WELCOME, good), "11"),
        bad("an unknown type before hello", frame(0x60, b"x"), "11"),
        bad("an ignorable frame, then PING, before hello", frame(0xC0) + PING_1, "11"),
    ]


def _calls() -> list[dict[str, Any]]:
    early = request(1, ECHO, b"one") + request(2, ECHO, b"two")
    unknown = b(100, "later") + v(101, 7)
    body = bytes(range(256))
    compressed = bytes.fromhex("20000000" "1f61010000") + b"\xc0" + b"a" * 12
    return [
        opened("echo", "5.2", send(request(1, ECHO, b"hello")), receive(answer(1, b"hello")),
                FINISH, END),
        opened("echo of nothing", "5", send(request(1, ECHO)), receive(answer(1, b"")),
                FINISH, END),
        opened("echo of all bytes", "5", send(request(1, ECHO, body)), receive(answer(1, body)),
                FINISH, END),
        opened("echo, one byte at a time", "5", send(request(1, ECHO, b"slow"), chunk=1),
                receive(answer(1, b"slow")), FINISH, END),
        opened("two echoes in one write", "5.3", send(early),
                receive(answer(1, b"one"), answer(2, b"two")), FINISH, END),
        opened("two echoes, three bytes at a time", "5.3", send(early, chunk=3),
                receive(answer(1, b"one"), answer(2, b"two")), FINISH, END),
        opened("the largest call_id", "5.1", send(request(MAX_U64, ECHO, b"x")),
                receive(answer(MAX_U64, b"x")), FINISH, END),
        opened("call_ids that fall", "5.1", send(request(9, ECHO, b"9"), request(3, ECHO, b"3")),
                receive(answer(9, b"9"), answer(3, b"3")), FINISH, END),
        opened("the longest timeout", "6.1", send(request(1, ECHO, b"x", timeout_us=MAX_U32)),
                receive(answer(1, b"x")), FINISH, END),
        opened("meta with unknown fields", "5.11", send(request(1, ECHO, b"x", meta=unknown)),
                receive(answer(1, b"x")), FINISH, END),
        opened("meta with caller and traceparent", "5.4",
                send(request(1, ECHO, b"x", meta=b(2, "00-x") + b(3, "alice"))),
                receive(answer(1, b"x")), FINISH, END),
        opened("ping", "7.1", send(PING_1), receive(PONG_1),
                send(frame(PING, b"\xff" * 8, call_id=MAX_U64)),
                receive(pong(MAX_U64, b"\xff" * 8)),
                send(frame(PING, bytes(8))), receive(pong(0, bytes(8))), FINISH, END),
        opened("describe and health", "registry", send(request(1, DESCRIBE), request(2, HEALTH)),
                receive({"type": RESPONSE, "flags": 0, "code": 0, "call_id": "1"},
                        {"type": RESPONSE, "flags": 0, "code": 0, "call_id": "2"}), FINISH, END),
        transcript("a compressed request", "10.1", send(hello(features=FEATURE_LZ4)),
                    receive(welcome(FEATURE_LZ4)),
                    send(request(1, ECHO, compressed, flags=LZ4)), receive(answer(1, b"a" * 32)),
                    FINISH, END),
        transcript("a small response is not compressed", "10.5", send(hello(features=FEATURE_LZ4)),
                    receive(welcome(FEATURE_LZ4)),
                    send(request(1, ECHO, b"a" * 100, flags=ACCEPT_LZ4)),
                    receive(answer(1, b"a" * 100)), FINISH, END),
        opened("the end of input while a call is in flight", "7.5",
                send(request(1, GET_JOB_PROGRESS, NO_JOB)), FINISH,
                receive(failure(1, 5, reason="JOB_NOT_FOUND")), END, needs="database"),
        opened("a request and the end of input at once", "7.5", send(request(1, ECHO, b"x")),
                FINISH, receive(answer(1, b"x")), END),
    ]


def _refused_questions(call: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    """GetJobProgress and its batch, asked for what section 14 does not allow."""
    version = b(2, bytes(16))
    known = b(1, v(1, 1) + version)

    def single(name: str, spec: str, body: bytes) -> dict[str, Any]:
        return call(name, spec, request(1, GET_JOB_PROGRESS, v(1, 1) + body), failure(1, 3))

    def batch(name: str, spec: str, body: bytes, **error: Any) -> dict[str, Any]:
        return call(name, spec, request(1, GET_JOB_PROGRESS_BATCH, body), failure(1, 3, **error))

    return [
        single("a wait without a known version", "14.9", v(4, 1)),
        single("a wait of 60,001 ms", "14.9", version + v(4, 60_001)),
        single("a wait for an answer that may be stale", "14.9", version + v(3, 1) + v(4, 1)),
        batch("a batch of no jobs", "14.18", b""),
        batch("a batch of a job twice", "14.18", b(1, v(1, 1)) + b(1, v(1, 1) + version)),
        batch("a batch of 1,025 jobs", "14.18", b"".join(b(1, v(1, i)) for i in range(1, 1026))),
        batch("a batch with job 0", "14.18", b(1, v(1, 1)) + b(1, b""), reason="INVALID_JOB_ID"),
        batch("a batch that waits without a known version of each", "14.21",
              known + b(1, v(1, 2)) + v(3, 1)),
        batch("a batch that waits 60,001 ms", "14.21", known + v(3, 60_001)),
        batch("a batch that waits for what may be stale", "14.21", known + v(2, 1) + v(3, 1)),
        call("a batch that is no message", "registry",
             request(1, GET_JOB_PROGRESS_BATCH, b"\x0f"), failure(1, 37)),
        call("a wait for a job that is not there", "14.8",
             request(1, GET_JOB_PROGRESS, NO_JOB + version + v(4, 60_000)),
             failure(1, 5, reason="JOB_NOT_FOUND"), needs="database"),
        call("a batch of a job that is not there", "14.19",
             request(1, GET_JOB_PROGRESS_BATCH, b(1, NO_JOB)),
             {"type": RESPONSE, "code": 0, "call_id": "1"}, needs="database"),
        call("a wait that is cancelled gets one answer", "6.4",
             request(1, GET_JOB_PROGRESS, NO_JOB + version + v(4, 60_000))
             + frame(CANCEL, call_id=1),
             failure(1, 1, 5), needs="database"),
    ]


def _failures() -> list[dict[str, Any]]:
    def call(
        name: str, spec: str, octets: bytes, *expected: dict[str, Any], needs: str | None = None
    ) -> dict[str, Any]:
        """A failed call, after which the connection still works."""
        return opened(name, spec, send(octets), receive(*expected), send(PING_1), receive(PONG_1),
                       FINISH, END, needs=needs)

    refused = {"flags_set": NOT_PROCESSED}
    patterns = b(1, b(2, b"") * 257)
    result = [
        call("a job that is not there", "registry", request(1, GET_JOB_PROGRESS, NO_JOB),
             failure(1, 5, reason="JOB_NOT_FOUND"), needs="database"),
        call("job 0", "registry", request(1, GET_JOB_PROGRESS),
             failure(1, 3, reason="INVALID_JOB_ID")),
        call("job -1", "registry", request(1, GET_JOB_PROGRESS, v(1, -1)),
             failure(1, 3, reason="INVALID_JOB_ID")),
        call("a body that is no message", "registry", request(1, GET_JOB_PROGRESS, b"\x0f"),
             failure(1, 37)),
        call("an unknown method", "5.9", request(1, 60_000), failure(1, 12, **refused)),
        call("method 0", "5.9", request(1, 0), failure(1, 12, **refused)),
        call("a reserved method", "5.9", request(1, 32), failure(1, 12, **refused)),
        call("meta that is no message", "5.9", request(1, ECHO, b"x", meta=b"\x0f\x0f"),
             failure(1, 37, **refused)),
        call("meta with a caller that is not UTF-8", "5.9",
             request(1, ECHO, b"x", meta=b(3, b"\xff")), failure(1, 37, **refused)),
        call("meta_len beyond the payload", "5.9", request(1, ECHO, b"abc", meta_len=4),
             failure(1, 37, **refused)),
        call("meta_len 65,535 without meta", "5.9", request(1, ECHO, meta_len=MAX_U16),
             failure(1, 37, 3, **refused)),
        call("another server's epoch", "5.10", request(1, ECHO, b"x", meta=f64(5, 1)),
             failure(1, 9, **refused)),
        call("a scope of 257 patterns", "9.4", request(1, GET_JOB_PROGRESS, NO_JOB, meta=patterns),
             failure(1, 3)),
        call("CANCEL of a call that never was", "6.4",
             frame(CANCEL, call_id=999) + request(1, ECHO, b"x"), answer(1, b"x")),
        call("a call that is cancelled gets one answer", "6.4",
             request(1, GET_JOB_PROGRESS, NO_JOB) + frame(CANCEL, call_id=1) * 2,
             failure(1, 1, 5), needs="database"),
        call("one bad call among good ones", "5.9",
             request(1, ECHO, b"a") + request(2, 999) + request(3, ECHO, b"c"),
             answer(1, b"a"), failure(2, 12, **refused), answer(3, b"c")),
        transcript("a response that is too large", "5.12", send(hello(max_recv=1024)),
                    receive(welcome()), send(request(1, ECHO, bytes(1020))),
                    receive(answer(1, bytes(1020))), send(request(2, ECHO, bytes(1021))),
                    receive(failure(2, 35, details={"needed": "1025", "limit": "1024"})),
                    FINISH, END),
        transcript("no scope where one is required", "9.2", send(hello(features=FEATURE_SCOPE)),
                    receive(welcome(FEATURE_SCOPE)), send(request(1, GET_JOB_PROGRESS, NO_JOB)),
                    receive(failure(1, 16, reason="SCOPE_REQUIRED")),
                    send(request(2, GET_JOB_PROGRESS, v(1, MAX_I64), meta=b(1, v(1, 1)))),
                    receive(failure(2, 5, reason="JOB_NOT_FOUND")), FINISH, END, needs="database"),
    ]
    result += _refused_questions(call)
    bombs = {
        "a request with raw_len above 255 times its block": "00010000" "00",
        "a request with raw_len above max_recv": "ffffffff" "00",
        "a request with raw_len one too large": "03000000" "206869",
        "a request with a compressed body of 3 bytes": "000000",
    }
    for name, octets in bombs.items():
        result.append(transcript(
            name, "10.3", send(hello(features=FEATURE_LZ4)), receive(welcome(FEATURE_LZ4)),
            send(request(1, ECHO, bytes.fromhex(octets), flags=LZ4)),
            receive(failure(1, 36, **refused)), send(PING_1), receive(PONG_1), FINISH, END))
    return result


def _protocol_errors() -> list[dict[str, Any]]:
    def fatal(name: str, octets: bytes, spec: str = "3.2") -> dict[str, Any]:
        return opened(name, spec, send(octets), receive(GONE), END)

    def closes(name: str, length: int) -> dict[str, Any]:
        """12: "closes without reading it"; a GOAWAY may come first."""
        octets = frame(REQUEST, code=ECHO, call_id=1, length=length)
        return opened(name, "3.1", send(octets), {"end": True, "may_receive": [GOAWAY]})

    twice = request(1, GET_JOB_PROGRESS, NO_JOB) * 2
    return [
        fatal("a second hello", hello(), "4.2"),
        fatal("WELCOME from a client", frame(WELCOME, handshake_payload())),
        fatal("RESPONSE from a client", frame(RESPONSE, bytes(4), call_id=1)),
        fatal("ITEM from a client", frame(ITEM, call_id=1)),
        fatal("CREDIT without streams", frame(CREDIT, bytes(4), call_id=1), "11"),
        fatal("an unknown type", frame(0x60, b"x")),
        fatal("type 0", bytes(16)),
        fatal("REQUEST with call_id 0", frame(REQUEST, request_payload(b"x"), code=ECHO)),
        fatal("REQUEST of 7 bytes", frame(REQUEST, bytes(7), code=ECHO, call_id=1)),
        fatal("REQUEST with STREAM", request(1, ECHO, b"x", flags=STREAM), "3"),
        fatal("REQUEST with a flag that is not its own", request(1, ECHO, flags=NOT_PROCESSED)),
        fatal("REQUEST with LZ4, not agreed", request(1, ECHO, bytes(5), flags=LZ4), "10.4"),
        fatal("CANCEL with call_id 0", frame(CANCEL)),
        fatal("PING of 7 bytes", frame(PING, bytes(7))),
        fatal("PING with a code", frame(PING, bytes(8), code=1)),
        fatal("PING with a flag", frame(PING, bytes(8), flags=RETRYABLE)),
        fatal("GOAWAY of 3 bytes", frame(GOAWAY, bytes(3))),
        closes("length 2^24", 2**24),
        closes("length 2^31-1", 2**31 - 1),
        closes("length 2^31", 2**31),
        closes("length 2^32-1", MAX_U32),
        opened("HTTP behind the handshake", "3.1", send(b"GET / HTTP/1.1\r\n\r\n"),
                {"end": True, "may_receive": [GOAWAY]}),
        opened("a call_id that is in flight", "5.7", send(twice),
                {"receive": [GONE], "may_receive": [RESPONSE]},
                {"end": True, "may_receive": [RESPONSE]}, needs="database"),
    ]


def _ignored() -> list[dict[str, Any]]:
    def nothing(name: str, octets: bytes, spec: str) -> dict[str, Any]:
        """Bytes without an answer: the PING behind them is the next thing answered."""
        return opened(name, spec, send(octets, PING_1), receive(PONG_1), FINISH, END)

    wild = frame(0xDB, b"\xff" * 40, flags=0xFF, code=MAX_U16, call_id=MAX_U64)
    return [
        nothing("an ignorable frame", frame(0xC0, b"grease"), "3.3"),
        nothing("ignorable frames of every type",
                b"".join(frame(kind) for kind in range(0x80, 0x100)), "3.3"),
        nothing("an ignorable frame with all bits set", wild, "3.3"),
        nothing("CANCEL of an unknown call", frame(CANCEL, call_id=77), "6.4"),
        nothing("PONG without PING", frame(PONG, bytes(8), call_id=5), "11"),
        nothing("GOAWAY from a client", frame(GOAWAY, goaway_payload(0, "done")), "11"),
        opened("CANCEL of a call that was answered", "6.4", send(request(1, ECHO, b"x")),
                receive(answer(1, b"x")), send(frame(CANCEL, call_id=1), PING_1), receive(PONG_1),
                FINISH, END),
        opened("a header cut off by the end of input", "7.5", send(PING_1, PING_1[:9]),
                receive(PONG_1), FINISH, END),
    ]


def documents() -> dict[str, dict[str, Any]]:
    """The files, by their names without `.json`."""
    parts = {
        "handshakes": _handshakes(), "refusals": _refusals(), "calls": _calls(),
        "failures": _failures(), "protocol-errors": _protocol_errors(), "ignored": _ignored(),
    }
    return {name: {"spec": "SPEC.md, version 1", "transcripts": entries}
            for name, entries in parts.items()}
