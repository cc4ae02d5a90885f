"""What a RESPONSE says: a body, or an error."""

from __future__ import annotations

from dataclasses import dataclass

import progress_pb2 as pb
from progress_errors import RPCError
from progress_lz4 import BadCompression, decompress_body
from progress_messages import BadMessage, decoded
from progress_wire import Flag, Frame, ResponsePayload, Status


@dataclass(frozen=True)
class Reply:
    """The answer to a call that succeeded."""

    body: bytes
    is_not_modified: bool
    server_us: int


def read_reply(frame: Frame, max_recv: int) -> Reply:
    """What a RESPONSE says; raises `RPCError` if that is a failure."""
    response = ResponsePayload.decode(frame.payload)
    if frame.code in (Status.OK, Status.NOT_MODIFIED):
        body = response.body
        if Flag.LZ4 in frame.flags:
            try:
                body = decompress_body(body, max_recv)
            except BadCompression as error:
                raise RPCError(Status.BAD_COMPRESSION, str(error)) from error
        return Reply(body, frame.code == Status.NOT_MODIFIED, response.server_us)
    try:
        failure = decoded(response.body, pb.Error())
    except BadMessage:
        failure = pb.Error(message="the server's error cannot be decoded")
    raise RPCError.from_message(frame.code, failure, frame.flags)
