"""Starts the programs that are measured, and those that measure them, on the processors chosen for the run."""

import contextlib
import json
import os
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# What is pinned shares this processor.
PROCESSOR = "0"


class Programs:
    """The built programs; those that were started end with `stack`.

    `placement` is 'service' (the service, its clients and their peers on one processor, PostgreSQL on all),
    'all' (PostgreSQL there too) or 'none' (everything where the scheduler likes).
    """

    def __init__(self, stack: contextlib.ExitStack, directory: str, placement: str) -> None:
        self.stack, self.directory, self.placement = stack, directory, placement
        self.bin = ROOT / ".build/release"

    def command(self, name: str, *arguments: str, is_database: bool = False) -> list[str]:
        is_pinned = self.placement == "all" or (self.placement == "service" and not is_database)
        return [*(["taskset", "-c", PROCESSOR] if is_pinned else []), str(self.bin / name), *arguments]

    def start(self, name: str, *arguments: str, is_database: bool = False, environment=None, **streams):
        """Starts a program that runs until `stop`, or until the stack ends."""
        streams.setdefault("stderr", subprocess.DEVNULL)
        command = self.command(name, *arguments, is_database=is_database)
        process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, **streams)
        self.stack.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process: subprocess.Popen) -> None:
        if process.poll() is not None:
            return
        if process.stdin:
            process.stdin.close()
        else:
            process.terminate()
        process.wait(timeout=60)

    def json(self, name: str, *arguments: str):
        """Runs a program to its end and reads the JSON that it prints."""
        command = self.command(name, *arguments)
        output = subprocess.run(command, capture_output=True, text=True)
        if output.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {output.stdout} {output.stderr}")
        return json.loads(output.stdout)

    def server(self, name: str, conninfo: str, state: str = "none", environment=None):
        """Starts a server that is to be waited for; tells its socket too."""
        path = f"{self.directory}/{name}.sock"
        process = self.start("progress-server", "--socket", path, "--database", conninfo,
                             "--state-directory", state, environment=environment)
        return process, path

    def load(self, *target: str, connections: int = 1, in_flight: int = 1, seconds: float = 1.0,
             requests: int | None = None) -> dict:
        """Calls as fast as answers come, for a time or a number of calls."""
        end = ["--requests", str(requests)] if requests else ["--duration", f"{int(seconds * 1000)}ms"]
        report = self.json("progressctl", "load", *target, "--connections", str(connections),
                           "--in-flight", str(in_flight), *end, "--json")
        if report["answers"]["errors"]:
            raise SystemExit(f"load {target}: {report['answers']}")
        return report


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address: str | int) -> None:
    """Waits for a Unix socket's path, or a port of this machine."""
    family, address = (socket.AF_UNIX, address) if isinstance(address, str) else (
        socket.AF_INET, ("127.0.0.1", address))
    for _ in range(1200):
        with socket.socket(family) as probe:
            if probe.connect_ex(address) == 0:
                return
        time.sleep(0.025)
    raise SystemExit(f"nothing listens on {address}")


def resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024
