"""Checks a live server: `PROGRESS_SOCKET=… PROGRESS_JOB=… python3 -m unittest -v test_server`.

The server must hold the caller to be trusted. Without PROGRESS_JOB, an id of a job that is there,
what needs a database is left out.
"""

from __future__ import annotations

import os
import unittest

import server_checks

_SOCKET = os.environ.get("PROGRESS_SOCKET", "")
_JOB = os.environ.get("PROGRESS_JOB", "")


@unittest.skipUnless(_SOCKET, "needs a server: set PROGRESS_SOCKET to the path of its socket")
class LiveServerTests(server_checks.ServerChecks):
    path = _SOCKET
    job = int(_JOB) if _JOB else None


if __name__ == "__main__":
    unittest.main()
