"""Runs the checks for a live server, and the command line, with `fake_server.py`."""

from __future__ import annotations

import json
import subprocess
import sys
import unittest
from pathlib import Path

import fake_server
import server_checks

HERE = Path(__file__).resolve().parent


class FakeServerTests(server_checks.ServerChecks):
    """The checks that a real server must pass, and so must our stand-in."""

    job = fake_server.JOB_ID

    @classmethod
    def setUpClass(cls) -> None:
        server = fake_server.FakeServer()
        cls.addClassCleanup(server.close)
        cls.path = server.path

    def test_the_command_line_prints_json(self) -> None:
        result = self._command("job-progress", "42")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        progress = json.loads(result.stdout)
        self.assertEqual(progress["jobId"], "42")
        self.assertEqual(progress["tables"][0]["currentBlock"], "99")
        self.assertNotIn("currentBlock", progress["tables"][1])

    def test_the_command_line_says_why_a_call_failed(self) -> None:
        result = self._command("job-progress", "43")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(
            result.stderr, "progress_cli: NOT_FOUND (JOB_NOT_FOUND): job '43' not found\n"
        )

    def test_the_command_line_refuses_a_job_id_that_cannot_be(self) -> None:
        self.assertEqual(self._command("job-progress", "0").returncode, 2)

    def _command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "progress_cli", "--socket", self.path, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)


if __name__ == "__main__":
    unittest.main()
