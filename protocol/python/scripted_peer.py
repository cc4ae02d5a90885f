"""A server that plays a script, for tests of what a client does in odd moments."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import progress_pb2 as pb
from progress_handshake import Offer
from progress_wire import Feature, Flag, Frame, FrameDecoder, FrameType, ResponsePayload, Side


class Peer:
    """The server's end of a connection, as a script sees it."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self._decoder = FrameDecoder(Side.SERVER, 65_536)
        self._decoder.features = Feature.LZ4

    def receive(self, kind: FrameType) -> Frame:
        """The next frame, which must be of this type."""
        while (frame := self._decoder.next_frame()) is None:
            octets = self.stream.recv(65_536)
            if not octets:
                raise AssertionError(f"the client closed; expected {kind.name}")
            self._decoder.feed(octets)
        if frame.type is not kind:
            raise AssertionError(f"{frame.type.name} instead of {kind.name}")
        return frame

    def ends(self) -> None:
        """The client must have closed."""
        if octets := self.stream.recv(1):
            raise AssertionError(f"{octets.hex()} instead of the end")

    def send(self, *frames: Frame) -> None:
        self.stream.sendall(b"".join(frame.encode() for frame in frames))

    def welcome(self, features: Feature = Feature.NONE, code: int = 0) -> None:
        self.receive(FrameType.HELLO)
        self.send(welcome(features, code))


def welcome(features: Feature = Feature.NONE, code: int = 0) -> Frame:
    offer = Offer(features=features, max_recv=65_536, max_inflight=256)
    message = pb.Welcome(name="script", epoch=1, default_timeout_ms=10_000)
    if code:
        message.refusal.message = "go away"
    return Frame(FrameType.WELCOME, offer.encode(message), code=code)


def response(call_id: int, body: bytes, code: int = 0, flags: Flag = Flag.NONE) -> Frame:
    return Frame(FrameType.RESPONSE, ResponsePayload(0, body).encode(), flags, code, call_id)


@contextmanager
def scripted(*scripts: Callable[[Peer], None]) -> Iterator[str]:
    """A server that plays one script per connection, and raises what a script raised.

    Yields its path.
    """
    failures: list[BaseException] = []
    with tempfile.TemporaryDirectory(prefix="progress-") as folder:
        path = os.path.join(folder, "socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.listen()
            listener.settimeout(10)

            def run() -> None:
                try:
                    for script in scripts:
                        stream, _ = listener.accept()
                        with stream:
                            stream.settimeout(10)
                            script(Peer(stream))
                except BaseException as error:  # Reported by the main thread.
                    failures.append(error)

            thread = threading.Thread(target=run)
            thread.start()
            try:
                yield path
            finally:
                thread.join()
    if failures:
        raise failures[0]
