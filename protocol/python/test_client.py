"""Tests of what the client does in odd moments, with scripted peers."""

from __future__ import annotations

import os
import tempfile
import unittest

import progress_pb2 as pb
from progress_client import (
    Connection,
    ConnectionLost,
    Feature,
    Flag,
    ProgressClient,
    RPCError,
    Status,
)
from progress_wire import HEADER, Frame, FrameType, GoAway, Method, RequestPayload
from scripted_peer import Peer, response, scripted, welcome


class ScriptedTests(unittest.TestCase):
    def fails(self, path: str, code: Status, body: bytes = b"x", lz4: bool = False) -> RPCError:
        """One Echo on a connection of its own, which must fail."""
        with self.assertRaises(RPCError) as caught:
            with Connection.open(path) as connection:
                connection.call(Method.ECHO, body, timeout=5, accepts_lz4=lz4)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception

    def test_a_refusal_is_told_with_its_status_and_text(self) -> None:
        with scripted(lambda peer: peer.welcome(code=Status.PERMISSION_DENIED)) as path:
            self.assertEqual(self.fails(path, Status.PERMISSION_DENIED).message, "go away")

    def test_a_ping_is_answered_while_a_call_waits(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            request = peer.receive(FrameType.REQUEST)
            peer.send(Frame(FrameType.PING, b"12345678", call_id=2**64 - 1))
            pong = peer.receive(FrameType.PONG)
            assert (pong.payload, pong.call_id) == (b"12345678", 2**64 - 1), pong
            peer.send(response(request.call_id, b"done"))

        with scripted(script) as path, Connection.open(path) as connection:
            self.assertEqual(connection.call(Method.ECHO).body, b"done")

    def test_responses_pair_with_their_calls_in_any_order(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            calls = [peer.receive(FrameType.REQUEST).call_id for _ in range(3)]
            peer.send(*(response(call, bytes([call])) for call in reversed(calls)))

        with scripted(script) as path, Connection.open(path) as connection:
            calls = [connection.start(Method.ECHO) for _ in range(3)]
            self.assertEqual(
                [connection.wait(call).body for call in calls], [bytes([call]) for call in calls]
            )

    def test_a_call_that_takes_too_long_is_cancelled_and_its_answer_dropped(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            late = peer.receive(FrameType.REQUEST)
            assert RequestPayload.decode(late.payload).timeout_us == 50_000
            assert peer.receive(FrameType.CANCEL).call_id == late.call_id
            request = peer.receive(FrameType.REQUEST)
            peer.send(
                response(late.call_id, b"late", Status.CANCELLED), response(request.call_id, b"b")
            )

        with scripted(script) as path, Connection.open(path) as connection:
            with self.assertRaises(RPCError) as caught:
                connection.call(Method.ECHO, timeout=0.05)
            self.assertEqual(caught.exception.code, Status.DEADLINE_EXCEEDED)
            self.assertEqual(connection.call(Method.ECHO).body, b"b")

    def test_a_wait_comes_on_top_of_the_timeout(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            for method in (Method.GET_JOB_PROGRESS, Method.GET_JOB_PROGRESS_BATCH):
                request = peer.receive(FrameType.REQUEST)
                assert request.code == method, request
                timeout_us = RequestPayload.decode(request.payload).timeout_us
                assert 30_000_000 < timeout_us <= 35_000_000, timeout_us
                peer.send(response(request.call_id, b""))

        with scripted(script) as path, ProgressClient(path) as client:
            client.job_progress(7, known_version=b"v", wait_ms=30_000, timeout=5)
            client.job_progress_batch({7: b"v"}, wait_ms=30_000, timeout=5)

    def test_a_response_to_no_call_is_a_protocol_error(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            peer.receive(FrameType.REQUEST)
            peer.send(response(77, b""))
            assert "77" in GoAway.decode(peer.receive(FrameType.GOAWAY).payload).text
            peer.ends()

        with scripted(script) as path:
            self.fails(path, Status.BAD_MESSAGE)

    def test_an_unknown_type_is_a_protocol_error(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            peer.receive(FrameType.REQUEST)
            peer.stream.sendall(HEADER.pack(0, 0x60, 0, 0, 0))
            peer.receive(FrameType.GOAWAY)
            peer.ends()

        with scripted(script) as path:
            self.fails(path, Status.BAD_MESSAGE)

    def test_an_oversize_frame_ends_the_connection_unread(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            peer.receive(FrameType.REQUEST)
            peer.stream.sendall(HEADER.pack(4_194_305, FrameType.RESPONSE, 0, 0, 1))
            peer.ends()

        with scripted(script) as path:
            self.fails(path, Status.BAD_MESSAGE)

    def test_a_compressed_response_that_was_not_asked_for_is_a_protocol_error(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome(Feature.LZ4)
            request = peer.receive(FrameType.REQUEST)
            peer.send(response(request.call_id, b"\0\0\0\0\0", flags=Flag.LZ4))
            peer.receive(FrameType.GOAWAY)

        with scripted(script) as path:
            self.fails(path, Status.BAD_MESSAGE)

    def test_a_compressed_response_is_unpacked_and_a_bomb_fails_only_its_call(self) -> None:
        packed = bytes.fromhex("200000001f61010000") + b"\xc0" + b"a" * 12

        def script(peer: Peer) -> None:
            peer.welcome(Feature.LZ4)
            for body in (packed, b"\xff\xff\x3f\0" + packed[4:], packed):
                request = peer.receive(FrameType.REQUEST)
                assert request.flags == Flag.ACCEPT_LZ4, request
                peer.send(response(request.call_id, body, flags=Flag.LZ4))

        with scripted(script) as path, Connection.open(path) as connection:
            self.assertEqual(connection.call(Method.ECHO, accepts_lz4=True).body, b"a" * 32)
            with self.assertRaises(RPCError) as caught:
                connection.call(Method.ECHO, accepts_lz4=True)
            self.assertEqual(caught.exception.code, Status.BAD_COMPRESSION)
            self.assertEqual(connection.call(Method.ECHO, accepts_lz4=True).body, b"a" * 32)

    def test_a_status_nobody_knows_reads_as_unknown(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            call = peer.receive(FrameType.REQUEST).call_id
            peer.send(response(call, pb.Error(message="new").SerializeToString(), 999))

        with scripted(script) as path, Connection.open(path) as connection:
            with self.assertRaises(RPCError) as caught:
                connection.call(Method.ECHO)
        self.assertEqual((caught.exception.code, caught.exception.name), (999, "UNKNOWN"))

    def test_after_goaway_calls_in_flight_end_and_new_ones_take_a_fresh_connection(self) -> None:
        def first(peer: Peer) -> None:
            peer.welcome()
            call = peer.receive(FrameType.REQUEST).call_id
            goaway = Frame(FrameType.GOAWAY, GoAway(1000, "maintenance").encode())
            peer.send(goaway, response(call, b"first"))
            peer.ends()

        def second(peer: Peer) -> None:
            peer.welcome()
            peer.send(response(peer.receive(FrameType.REQUEST).call_id, b"second"))

        with scripted(first, second) as path, ProgressClient(path) as client:
            self.assertEqual(client.echo(b""), b"first")
            self.assertEqual(client.echo(b""), b"second")

    def test_a_call_that_was_not_processed_is_sent_again_once(self) -> None:
        both = Flag.NOT_PROCESSED | Flag.RETRYABLE

        def script(peer: Peer) -> None:
            peer.welcome()
            call = peer.receive(FrameType.REQUEST).call_id
            error = pb.Error(message="busy", retry_after_ms=1).SerializeToString()
            peer.send(response(call, error, Status.UNAVAILABLE, both))
            peer.ends()

        with scripted(script, script) as path, ProgressClient(path) as client:
            with self.assertRaises(RPCError) as caught:
                client.echo(b"")
            client.close()
        self.assertEqual(caught.exception.code, Status.UNAVAILABLE)

    def test_a_call_that_failed_otherwise_is_not_sent_again(self) -> None:
        for flags in (Flag.NONE, Flag.NOT_PROCESSED, Flag.RETRYABLE):

            def script(peer: Peer, flags: Flag = flags) -> None:
                peer.welcome()
                call = peer.receive(FrameType.REQUEST).call_id
                peer.send(response(call, b"", Status.UNAVAILABLE, flags))
                peer.ends()

            with scripted(script) as path, ProgressClient(path, timeout=1) as client:
                with self.assertRaises(RPCError) as caught:
                    client.echo(b"")
                client.close()
            self.assertEqual(
                (caught.exception.code, caught.exception.flags), (Status.UNAVAILABLE, flags)
            )

    def test_a_call_on_a_lost_connection_is_sent_again_once(self) -> None:
        def lost(peer: Peer) -> None:
            peer.welcome()
            peer.receive(FrameType.REQUEST)

        def answered(peer: Peer) -> None:
            peer.welcome()
            peer.send(response(peer.receive(FrameType.REQUEST).call_id, b"again"))

        with scripted(lost, answered) as path, ProgressClient(path) as client:
            self.assertEqual(client.echo(b""), b"again")
        with scripted(lost, lost) as path, ProgressClient(path) as client:
            with self.assertRaises(ConnectionLost):
                client.echo(b"")

    def test_a_server_without_scope_is_left(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            peer.ends()

        with scripted(script) as path, ProgressClient(path, requires_scope=True) as client:
            with self.assertRaises(RPCError) as caught:
                client.echo(b"")
            self.assertEqual(caught.exception.code, Status.FAILED_PRECONDITION)

    def test_frames_before_welcome_are_protocol_errors(self) -> None:
        def script(peer: Peer) -> None:
            peer.receive(FrameType.HELLO)
            peer.send(Frame(FrameType.PING, bytes(8)))
            peer.receive(FrameType.GOAWAY)

        with scripted(script) as path:
            self.fails(path, Status.BAD_MESSAGE)

    def test_a_second_welcome_is_a_protocol_error(self) -> None:
        def script(peer: Peer) -> None:
            peer.welcome()
            peer.receive(FrameType.REQUEST)
            peer.send(welcome())
            peer.receive(FrameType.GOAWAY)

        with scripted(script) as path:
            self.fails(path, Status.BAD_MESSAGE)

    def test_without_a_server_a_call_is_unavailable(self) -> None:
        with tempfile.TemporaryDirectory(prefix="progress-") as folder:
            error = self.fails(os.path.join(folder, "none"), Status.UNAVAILABLE)
        self.assertNotIn(folder, error.message)

    def test_a_path_that_is_too_long_is_refused(self) -> None:
        self.fails("/" + "x" * 107, Status.INVALID_ARGUMENT)

    def test_a_server_that_never_answers_costs_the_timeout_only(self) -> None:
        def script(peer: Peer) -> None:
            peer.stream.recv(65_536)
            peer.ends()

        with scripted(script) as path:
            with self.assertRaises(RPCError) as caught:
                Connection.open(path, timeout=0.05)
            self.assertEqual(caught.exception.code, Status.DEADLINE_EXCEEDED)


if __name__ == "__main__":
    unittest.main()
