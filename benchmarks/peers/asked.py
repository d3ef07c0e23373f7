"""What every program here does: a line in, one picture's work, a line out. The clock is outside (`benchmarks._peers`)."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

Work = Callable[[str, dict[str, list[int]]], dict[str, bytes]]


def serve(work: Work, prepare: Callable[[str, dict[str, list[int]]], None] | None = None) -> None:
    """Answer questions: `file`, `sizes` (nominal width to width and height), `out` (a folder for what is made, or none).

    With `ready` set nothing is measured yet: what a peer may have for nothing is got ready.
    """
    for line in sys.stdin:
        told = json.loads(line)
        if told.get("ready"):
            if prepare:
                prepare(told["file"], told["sizes"])
        else:
            made = work(told["file"], told["sizes"])
            for name, data in made.items() if told.get("out") else ():
                (Path(told["out"]) / name).write_bytes(data)
        print("done", flush=True)
