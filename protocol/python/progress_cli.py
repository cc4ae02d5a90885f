#!/usr/bin/env python3
"""Asks a progress server and prints the answer as JSON.

    python3 -m progress_cli --socket PATH job-progress 42

Exit status: 0 answered, 1 the call failed (one line on standard error says why), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import sys

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message

from progress_client import ProgressClient, RPCError


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="progress_cli", description="ask a progress server")
    parser.add_argument(
        "--socket",
        default=os.environ.get("PROGRESS_SOCKET"),
        help="path of the server's socket (environment: PROGRESS_SOCKET)",
    )
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds; default 10")
    commands = parser.add_subparsers(dest="command", required=True)
    job = commands.add_parser("job-progress", help="how far a job is")
    job.add_argument("job_id", type=int)
    commands.add_parser("describe", help="what the server is and which methods it has")
    commands.add_parser("health", help="whether the server can answer")
    commands.add_parser("stats", help="what the server has counted")
    arguments = parser.parse_args()
    if not arguments.socket:
        parser.error("no socket: give --socket PATH, or set PROGRESS_SOCKET")
    if not arguments.timeout > 0:
        parser.error(f"--timeout is {arguments.timeout}; it must be above 0")
    if arguments.command == "job-progress" and not 1 <= arguments.job_id < 2**63:
        parser.error(f"the job id is {arguments.job_id}; it must be between 1 and 2^63-1")
    return arguments


def _ask(client: ProgressClient, arguments: argparse.Namespace) -> Message | None:
    match arguments.command:
        case "job-progress":
            return client.job_progress(arguments.job_id)
        case "describe":
            return client.describe()
        case "health":
            return client.health()
        case _:
            return client.stats()


def _json(answer: Message) -> str:
    """Proto3 JSON with fields that have their default value, which is named anew in protobuf 26."""
    try:
        return MessageToJson(answer, always_print_fields_with_no_presence=True)
    except TypeError:
        return MessageToJson(answer, including_default_value_fields=True)  # type: ignore[call-arg]


def main() -> int:
    """The exit status."""
    arguments = _arguments()
    try:
        with ProgressClient(
            arguments.socket, name="progress-cli-python", timeout=arguments.timeout
        ) as client:
            answer = _ask(client, arguments)
    except RPCError as error:
        print(f"progress_cli: {error}", file=sys.stderr)
        return 1
    if answer is not None:
        print(_json(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
