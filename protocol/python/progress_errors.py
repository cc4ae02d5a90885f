"""Why a call failed."""

from __future__ import annotations

from collections.abc import Mapping

import progress_pb2 as pb
from progress_wire import Flag, Status


class RPCError(Exception):
    """A call that did not succeed, whether the server or this client says so.

    `code` is a number of the registry, or one that this version does not know.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        reason: str = "",
        retry_after_ms: int = 0,
        details: Mapping[str, str] | None = None,
        flags: Flag = Flag.NONE,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason
        self.retry_after_ms = retry_after_ms
        self.details = dict(details or {})
        self.flags = flags

    @classmethod
    def from_message(cls, code: int, error: pb.Error, flags: Flag = Flag.NONE) -> RPCError:
        """The error that a server sent."""
        return cls(
            code,
            error.message,
            reason=error.reason,
            retry_after_ms=error.retry_after_ms,
            details=error.details,
            flags=flags,
        )

    @property
    def name(self) -> str:
        """The code's name in the registry; `UNKNOWN` if it has none."""
        try:
            return Status(self.code).name
        except ValueError:
            return Status.UNKNOWN.name

    @property
    def may_be_sent_again(self) -> bool:
        """Whether 6.8 allows the same call once more on a fresh connection."""
        both = Flag.NOT_PROCESSED | Flag.RETRYABLE
        return self.flags & both == both

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.name}{reason}: {self.message}"


class ConnectionLost(RPCError):
    """The connection ended, or could not be made, before the call was answered."""

    def __init__(self, message: str) -> None:
        super().__init__(Status.UNAVAILABLE, message)

    @property
    def may_be_sent_again(self) -> bool:
        return True
