"""The socket of a connection: frames out, frames in, and how it ended."""

from __future__ import annotations

import random
import select
import socket
import time
from collections.abc import Callable

from progress_errors import ConnectionLost, RPCError
from progress_wire import (
    HEADER,
    Feature,
    Frame,
    FrameDecoder,
    FrameType,
    GoAway,
    PayloadTooLarge,
    ProtocolError,
    Side,
    Status,
)


class Transport:
    """Moves frames while `run` waits; `received` is called with each that arrives.

    `received` raises `ProtocolError` if the peer broke the protocol, `RPCError` if the connection
    must end for another reason.
    """

    def __init__(
        self, stream: socket.socket, max_recv: int, received: Callable[[Frame], None]
    ) -> None:
        self._socket = stream
        self._decoder = FrameDecoder(Side.CLIENT, max_recv)
        self._received = received
        self._outgoing = bytearray()
        self._ended: RPCError | None = None
        # What the peer said when it announced the end, for the error of a call that it cut off.
        self.farewell = ""

    @property
    def is_open(self) -> bool:
        return self._ended is None

    @property
    def has_written(self) -> bool:
        """Whether the kernel has taken all frames that were queued."""
        return not self._outgoing

    def agree(self, features: Feature) -> None:
        """Takes frames that use these features from now on."""
        self._decoder.features = features

    def queue(self, frame: Frame) -> None:
        """Has a frame written by the next `run` or `flush`."""
        self._outgoing += frame.encode()

    def queue_grease(self) -> None:
        """A frame of a random ignorable type, so that servers stay used to them (section 13)."""
        payload = random.randbytes(random.randrange(64))
        header = HEADER.pack(
            len(payload),
            random.randrange(0xC0, 0x100),
            random.randrange(0x100),
            random.randrange(0x1_0000),
            random.randrange(2**64),
        )
        self._outgoing += header + payload

    def end(self, error: RPCError) -> None:
        """Closes the socket; `run` raises `error` from now on, unless another came first."""
        if self._ended is None:
            self._ended = error
            self._socket.close()

    def run(self, deadline: float, is_done: Callable[[], bool]) -> None:
        """Reads and writes until `is_done`; `deadline` is one of `time.monotonic`.

        Raises `TimeoutError` at the deadline, and `RPCError` if the connection ends.
        """
        while not is_done():
            if self._ended is not None:
                raise self._ended
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError("the deadline has passed")
            poller = select.poll()
            poller.register(self._socket, select.POLLIN | (select.POLLOUT if self._outgoing else 0))
            events = dict(poller.poll(remaining * 1000)).get(self._socket.fileno(), 0)
            if events & select.POLLOUT:
                self.flush()
            if events & ~select.POLLOUT:
                self._read()

    def flush(self) -> None:
        """Writes what the socket takes now."""
        try:
            while self._outgoing:
                count = self._socket.send(self._outgoing)
                del self._outgoing[:count]
        except BlockingIOError:
            pass
        except OSError:
            # What the server said before it closed is still to be read; the read finds the end.
            self._outgoing.clear()

    def _read(self) -> None:
        """Reads once and hands on the frames that are then complete."""
        try:
            octets = self._socket.recv(262_144)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        self._decoder.feed(octets)
        try:
            while (frame := self._decoder.next_frame()) is not None:
                self._received(frame)
        except ProtocolError as error:
            if not isinstance(error, PayloadTooLarge):
                self.queue(Frame(FrameType.GOAWAY, GoAway(0, str(error)).encode()))
                self.flush()
            self.end(RPCError(Status.BAD_MESSAGE, f"the server broke the protocol: {error}"))
        except RPCError as error:
            self.end(error)
        if not octets:
            text = f": {self.farewell}" if self.farewell else ""
            self.end(ConnectionLost(f"the server closed the connection{text}"))
