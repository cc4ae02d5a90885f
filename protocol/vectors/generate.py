#!/usr/bin/env python3
"""Writes the vectors beside this file and the transcripts in `../transcripts`.

    generate.py            writes the files
    generate.py --check    writes nothing; exit status 1 if a file is not what would be written

The output depends on nothing but the code: no clock, no random number, no library.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from source import frames, handshake, lz4, messages, transcripts  # noqa: E402


def documents() -> dict[Path, Any]:
    """Every generated file, by its path."""
    result: dict[Path, Any] = {
        HERE / "frames.json": frames.document(),
        HERE / "messages.json": messages.document(),
        HERE / "handshake.json": handshake.document(),
        HERE / "lz4.json": lz4.document(),
    }
    for name, document in transcripts.documents().items():
        result[HERE.parent / "transcripts" / f"{name}.json"] = document
    return result


def check_names(path: Path, document: Any) -> None:
    """Refuses two entries of one name in a file: a failing test must say which one failed."""
    entries = document.get("vectors") or document.get("transcripts")
    names = [entry["name"] for entry in entries]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit(f"{path.name}: used twice: {', '.join(sorted(twice))}")


def main() -> int:
    parser = argparse.ArgumentParser(description="write the vectors and transcripts")
    parser.add_argument("--check", action="store_true", help="only compare; write nothing")
    checks = parser.parse_args().check
    expected = documents()
    stale = []
    for path, document in expected.items():
        check_names(path, document)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        if checks:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(path)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for folder in (HERE, HERE.parent / "transcripts"):
        stale += [path for path in folder.glob("*.json") if path not in expected]
    for path in stale:
        print(f"{path.relative_to(HERE.parent)} is not what generate.py writes", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
