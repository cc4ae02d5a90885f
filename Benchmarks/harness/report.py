"""The tables."""

from .figures import Figures


def print_tables(figures: Figures, placement: str, rounds: int) -> None:
    where = {
        "service": "client and server of each row share one processor, PostgreSQL has all",
        "all": "client, server and PostgreSQL share one processor",
        "none": "everything runs where the scheduler likes",
    }[placement]
    print(f"\nMedians of {rounds} rounds in turn; {where}.\n")
    print("| what | measured | beside it | ratio | bar | |\n|---|---|---|---|---|---|")
    for row in bars(figures):
        print(f"| {' | '.join(row)} |")
    print("\n| one call at a time, median | µs | beside it |\n|---|---|---|")
    for name, key, base, what in SERIAL:
        beside = f"{figures[key] / figures[base]:.2f} × {what}" if base else ""
        print(f"| {name} | {figures[key]:,.1f} | {beside} |")
    print("\n| many at a time | answers a second | beside it |\n|---|---|---|")
    for name, key, base, what in MANY:
        beside = f"{figures[key] / figures[base]:.2f} × {what}" if base else ""
        print(f"| {name} | {figures[key]:,.0f} | {beside} |")
    print("\n| once | | |\n|---|---|---|")
    for name, key, unit, base in ONCE:
        beside = f"{figures[key] / figures[base]:.2f} ×" if base else ""
        print(f"| {name} | {figures[key]:,.1f} {unit} | {beside} |")
    print("\n| resident memory, MiB | idle | after the run |\n|---|---|---|")
    for name in ("server", "gateway"):
        print(f"| progress-{name} | {figures[f'{name}, idle']:.1f} | {figures[f'{name}, busy']:.1f} |")


def bars(figures: Figures) -> list[list[str]]:
    """Each row: what, measured, beside it, ratio, bar, verdict."""
    echo_and_select = figures["echo"] + figures["select"]
    ratios = [
        ("warm answer, 3 × 100,000 files : 3 × 100", "warm 100,000", figures["warm 100"], "µs", "≤", 1.1),
        ("warm answer : Echo + one prepared SELECT", "warm 100", echo_and_select, "µs", "≤", 1.3),
        ("warm answers, 64 in flight : round trips of one libpq connection", "warm 100 a second",
         figures["selects a second"], "/s", "≥", 5),
        ("answers up to 5 s old, 64 in flight : Echo, 64 in flight", "stale 100 a second",
         figures["echo a second"], "/s", "≥", 0.8),
        ("first answer after one new file among 3 × 100,000 : warm answer", "log, after file",
         figures["log, after warm"], "µs", "≤", 3),
        ("first answer ever, 100,000 files : the rows drained by a C program", "cold", figures["drain"],
         "ms", "≤", 1.5),
    ]
    rows = [row(what, figures[key], base, unit, figures[key] / base, sign, bar, " ×")
            for what, key, base, unit, sign, bar in ratios]
    for what, key, bar in [
        ("resident bytes for each of 1,000,000 segments", "bytes a segment", 120),
        ("allocations of the server for a warm answer, one at a time", "mallocs, serial", 10),
        ("allocations of the server for a warm answer, 64 in flight", "mallocs, 64 in flight", 10),
    ]:
        rows.append(row(what, figures[key], None, "", figures[key], "≤", bar, ""))
    return rows


def row(what: str, value: float, base: float | None, unit: str, ratio: float, sign: str, bar: float,
        times: str) -> list[str]:
    is_held = ratio <= bar if sign == "≤" else ratio >= bar
    beside = ["" if base is None else f"{base:,.1f} {unit}", "" if base is None else f"{ratio:.2f} ×"]
    return [what, f"{value:,.1f} {unit}".strip(), *beside, f"{sign} {bar:g}{times}",
            "held" if is_held else "missed"]


SERIAL = [
    ("C ping-pong of the same bytes (133 and 120)", "C ping-pong", None, ""),
    ("PostgreSQL, prepared SELECT by key, C and libpq", "select", None, ""),
    ("Echo, Swift async client to server", "echo", "C ping-pong", "the ping-pong"),
    ("GetJobProgress, 3 tables × 10 files", "warm 10", "echo", "Echo"),
    ("GetJobProgress, 3 × 100 files", "warm 100", "echo", "Echo"),
    ("GetJobProgress, 3 × 1,000 files", "warm 1,000", "echo", "Echo"),
    ("GetJobProgress, 3 × 100,000 files", "warm 100,000", "echo", "Echo"),
    ("GetJobProgress, 3 × 100 files, up to 5 s old", "stale 100", "echo", "Echo"),
    ("GetJobProgress, 3 × 100 files, without change tracking", "scan 100", "echo", "Echo"),
    ("GetJobProgress, 3 × 100,000 files, without change tracking", "scan 100,000", "echo", "Echo"),
    ("first after another table was written to, 3 × 100,000", "log, after heartbeat", "log, after warm", "warm"),
    ("first after one new file, 3 × 100,000", "log, after file", "log, after warm", "warm"),
    ("first after another table was written to, without change tracking", "scan, after heartbeat",
     "scan, after warm", "warm"),
    ("first after one new file, without change tracking", "scan, after file", "scan, after warm", "warm"),
    ("INSERT of a file, without change tracking", "insert", None, ""),
    ("INSERT of a file, with change tracking", "insert, tracked", "insert", "without"),
    ("Hummingbird, a route that returns the same bytes", "route", None, ""),
    ("gateway, GET of 3 tables × 10 files", "gateway", "route", "the route"),
]
MANY = [
    ("PostgreSQL, round trips of one connection, C and libpq", "selects a second", None, ""),
    ("Echo, 1 connection × 64 in flight", "echo a second", None, ""),
    ("GetJobProgress, 3 × 100 files, 1 × 64", "warm 100 a second", "echo a second", "Echo"),
    ("GetJobProgress, up to 5 s old, 1 × 64", "stale 100 a second", "echo a second", "Echo"),
    ("GetJobProgress, without change tracking, 1 × 64", "scan 100 a second", "echo a second", "Echo"),
    ("Hummingbird, the route, 16 connections", "route a second", None, ""),
    ("gateway, GET of 3 × 10 files, 16 connections", "gateway a second", "route a second", "the route"),
]
ONCE = [
    ("100,000 rows drained by a C program", "drain", "ms", None),
    ("first answer about 100,000 files", "cold", "ms", "drain"),
    ("start to first answer, 1,000,000 files", "restart", "ms", None),
    ("the same with an archive", "restart, archive", "ms", "restart"),
    ("allocations for an answer up to 5 s old", "mallocs, stale", "", None),
    ("allocations for an echo", "mallocs, echo", "", None),
]
