"""The measurements. What a row compares runs in turn, round by round, in one placement."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

from .figures import Figures
from .programs import ROOT, Programs, free_port, resident_bytes, wait_for

# A frame of an echo of 100 bytes: header 16, fixed part 8 or 4, meta 9 (SPEC.md, sections 3 and 5).
ECHO_BYTES, REQUEST_BYTES, RESPONSE_BYTES = 100, 16 + 8 + 9 + 100, 16 + 4 + 100
BY_KEY = "SELECT status FROM jobs_status WHERE job_id = 1"
# As Statements.files of the server.
FILES = "SELECT f.id, f.object_size, f.metadata, f.xmin, f.location_id FROM file_metadata AS f WHERE f.location_id = "
INSERT = """
    INSERT INTO file_metadata (location_id, file_name, url, object_size, metadata)
    SELECT f.location_id, gen_random_uuid()::text, f.url, f.object_size, f.metadata
      FROM file_metadata AS f WHERE f.id = (
           SELECT max(x.id) FROM file_metadata AS x WHERE x.location_id = (
                  SELECT max(r.id) FROM physical_table_revisions AS r))
    RETURNING id"""
LARGE_FILES, LARGE_JOBS = 100_000, list(range(1, 11))


class Scenes:
    """Each method is one scene; it starts what it needs and ends it."""

    def __init__(self, directory: str, placement: str, rounds: int, seconds: float) -> None:
        self.directory, self.placement = directory, placement
        self.rounds, self.seconds = rounds, seconds
        self.figures = Figures()
        self.jobs = self.copy = self.million = ""

    @contextlib.contextmanager
    def programs(self):
        with contextlib.ExitStack() as stack:
            yield Programs(stack, self.directory, self.placement)

    @contextlib.contextmanager
    def databases(self):
        """The cluster; `jobs` and `million` have change tracking, `copy` has not."""
        with self.programs() as programs:
            fixture = programs.start("progress-benchmarks", "fixture", "--data", f"{self.directory}/pg",
                                     is_database=True, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
            lines = [fixture.stdout.readline().decode().strip() for _ in range(3)]
            if not all(lines):
                raise SystemExit("the databases could not be made")
            self.jobs, self.copy, self.million = lines
            for conninfo in (self.jobs, self.million):
                command = [str(programs.bin / "progress-server"), "tracking", "install", "--database", conninfo]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            yield

    def warm(self) -> None:
        """Answers from memory beside their peers."""
        with self.programs() as programs:
            route_port, port = free_port(), free_port()
            server, path = programs.server("log", self.jobs)
            _, scanning = programs.server("scan", self.copy)
            wait_for(path)
            wait_for(scanning)
            gateway = programs.start("progress-gateway", "--socket", path, "--listen", f"127.0.0.1:{port}",
                                     "--anonymous-scope", "jobs:read")
            programs.start("progress-benchmarks", "route", "--port", str(route_port))
            wait_for(port)
            wait_for(route_port)
            time.sleep(1)
            self.add_residents("idle", server, gateway)
            for socket in (path, scanning):
                answer(programs, socket, [1, 2, 3, 4])

            rpc, scan = ["--socket", path], ["--socket", scanning]
            http = ["--admin-url", f"http://127.0.0.1:{port}", "--job", "1"]
            route = ["--admin-url", f"http://127.0.0.1:{route_port}", "--job", "1"]
            echo = [*rpc, "--method", "echo", "--bytes", str(ECHO_BYTES)]
            stale = ["--max-staleness", "5s"]
            serial = [
                ("echo", echo), ("warm 100", [*rpc, "--job", "2"]), ("warm 100,000", [*rpc, "--job", "4"]),
                ("warm 10", [*rpc, "--job", "1"]), ("warm 1,000", [*rpc, "--job", "3"]),
                ("stale 100", [*rpc, "--job", "2", *stale]), ("scan 100", [*scan, "--job", "2"]),
                ("scan 100,000", [*scan, "--job", "4"]), ("route", route), ("gateway", http),
            ]
            many = [
                ("echo", echo, 1, 64), ("warm 100", [*rpc, "--job", "2"], 1, 64),
                ("stale 100", [*rpc, "--job", "2", *stale], 1, 64), ("scan 100", [*scan, "--job", "2"], 1, 64),
                ("route", route, 16, 1), ("gateway", http, 16, 1),
            ]
            for _ in range(self.rounds):
                self.add("C ping-pong", programs.json(
                    "pingpong", "40000", str(REQUEST_BYTES), str(RESPONSE_BYTES))["p50"])
                select = programs.json("selectloop", "rounds", self.jobs, str(self.seconds), BY_KEY)
                self.add("select", select["p50"])
                self.add("selects a second", select["perSecond"])
                for name, target in serial:
                    report = programs.load(*target, seconds=self.seconds)
                    self.add(name, report["latencyMicroseconds"]["p50"])
                for name, target, connections, in_flight in many:
                    report = programs.load(*target, connections=connections, in_flight=in_flight,
                                           seconds=self.seconds)
                    self.add(f"{name} a second", report["answersPerSecond"])
            self.add_residents("busy", server, gateway)

    def changed(self, changes: int = 150) -> None:
        """The first answer after a change, and the answers that follow."""
        with self.programs() as programs:
            for mode, conninfo in (("log", self.jobs), ("scan", self.copy)):
                _, path = programs.server(mode, conninfo)
                wait_for(path)
                answer(programs, path, [4])
                for _ in range(3):
                    times = programs.json("progress-benchmarks", "first", "--socket", path, "--database",
                                          conninfo, "--job", "4", "--rounds", str(changes if mode == "log" else 10))
                    for name, value in times.items():
                        self.add(f"{mode}, after {name}", value)

    def cold(self) -> None:
        """First answers for jobs of one table, each beside a C program that drains as many rows."""
        with self.programs() as programs:
            server, path = programs.server("cold", self.million)
            wait_for(path)
            answer(programs, path, [])
            before = resident_bytes(server.pid)
            for job in LARGE_JOBS:
                # Each comes first in turn, so that neither has the better cache of the system's.
                steps = [
                    lambda: self.add("cold", answer(programs, path, [job])),
                    lambda: self.add("drain", programs.json(
                        "selectloop", "drain", self.million, f"{FILES}{job}")["milliseconds"]),
                ]
                for step in steps if job % 2 else reversed(steps):
                    step()
            # The books are made up by the next round that somebody asks for, or that comes by itself.
            time.sleep(1.2)
            segments = int(programs.json("progressctl", "call", "Stats", "--socket", path)["cache"]["segments"])
            assert segments == len(LARGE_JOBS) * LARGE_FILES, segments
            self.add("bytes a segment", (resident_bytes(server.pid) - before) / segments)

    def restarted(self) -> None:
        """From the start of a server to its answer about all large jobs, without and with an archive."""
        for name, state in [("restart", "none"), ("restart, archive", f"{self.directory}/state")]:
            with self.programs() as programs:
                if state != "none":
                    os.mkdir(state, 0o700)
                    server, path = programs.server("restart", self.million, state)
                    answer(programs, path, LARGE_JOBS)
                    programs.stop(server)
                for _ in range(3):
                    # It waits for the server.
                    client = programs.start("progress-benchmarks", "answer", "--socket",
                                            f"{self.directory}/restart.sock", "--jobs",
                                            *map(str, LARGE_JOBS), stdout=subprocess.PIPE)
                    time.sleep(0.2)
                    start = time.monotonic()
                    server, _ = programs.server("restart", self.million, state)
                    assert client.stdout.read(), "there was no answer"
                    self.add(name, (time.monotonic() - start) * 1e3)
                    programs.stop(client)
                    programs.stop(server)

    def counted(self) -> None:
        """Allocations of the server for each answer."""
        library, count = f"{self.directory}/malloc_count.so", Path(f"{self.directory}/mallocs")
        source = ROOT / "Benchmarks/MallocCount/malloc_count.c"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, str(source)], check=True)
        with self.programs() as programs:
            environment = {"LD_PRELOAD": library, "MALLOC_COUNT": str(count)}
            _, path = programs.server("counted", self.jobs, environment=environment)
            wait_for(path)
            answer(programs, path, [2])
            stale = ["--max-staleness", "5s"]
            for name, arguments, in_flight in [
                ("mallocs, serial", [], 1), ("mallocs, 64 in flight", [], 64),
                ("mallocs, stale", stale, 64), ("mallocs, echo", None, 64),
            ]:
                work = ["--job", "2", *arguments] if arguments is not None else ["--method", "echo"]
                for _ in range(3):
                    before = read_count(count)
                    programs.load("--socket", path, *work, in_flight=in_flight, requests=20_000)
                    self.add(name, (read_count(count) - before) / 20_000)

    def inserted(self) -> None:
        """What change tracking adds to a writer's statement."""
        with self.programs() as programs:
            for _ in range(self.rounds):
                for name, conninfo in (("insert", self.copy), ("insert, tracked", self.jobs)):
                    report = programs.json("selectloop", "rounds", conninfo, str(self.seconds / 2), INSERT)
                    self.add(name, report["p50"])

    def add(self, name: str, value: float) -> None:
        self.figures.add(name, value)

    def add_residents(self, when: str, server: subprocess.Popen, gateway: subprocess.Popen) -> None:
        self.add(f"server, {when}", resident_bytes(server.pid) / 2**20)
        self.add(f"gateway, {when}", resident_bytes(gateway.pid) / 2**20)


def answer(programs: Programs, path: str, jobs: list[int]) -> float:
    """The milliseconds of one answer about these jobs, when there is a connection; of none: a call of Health."""
    if not jobs:
        programs.json("progressctl", "call", "Health", "--socket", path)
        return 0
    return programs.json("progress-benchmarks", "answer", "--socket", path, "--jobs",
                         *map(str, jobs))["milliseconds"]


def read_count(path: Path) -> int:
    return int.from_bytes(path.read_bytes(), "little")
