"""Programs that do the same work beside ours: how they are had, started, asked and watched.

None of them is needed to run the platform: they are installed into `var/peers`, which may be deleted at any time.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from tests import tools
from workers import cage

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "peers"
PYVIPS, SHARP = ("pyvips[binary]==3.2.0", "numpy~=2.4"), "sharp@0.35.5"
TICK = os.sysconf("SC_CLK_TCK")
# One thread each: what is compared is work, not cores. All have the memory settings of the product's cages, which speed up each.
ALONE = cage.ENVIRONMENT | {"VIPS_CONCURRENCY": "1", "UV_THREADPOOL_SIZE": "1"}
SAMPLED = 0.004  # seconds between two looks at the memory


def command(name: str) -> list[str] | None:
    """How a peer is started; None where it cannot be had here."""
    ours = [sys.executable, "-m"]
    if name in ("alone", "caged", "whole"):
        return [*ours, "benchmarks.peers.product", name]
    if name == "pyvips":
        python = _pyvips()
        return [python, "-m", "benchmarks.peers.vips"] if python else None
    if name == "sharp":
        return [node, str(ROOT / "benchmarks" / "peers" / "sharp.cjs")] if (node := _sharp()) else None
    if name == "magick" and not _convert():
        return None
    return [*ours, f"benchmarks.peers.{name}"]


def _pyvips() -> str | None:
    python = FOLDER / "vips" / "bin" / "python"
    if not tools.succeeds(str(python), "-c", "import pyvips, numpy"):
        tools.succeeds(sys.executable, "-m", "venv", "--clear", str(FOLDER / "vips"))
        if not tools.succeeds(str(python), "-m", "pip", "install", "--quiet", *PYVIPS):
            return None
    return str(python)


def _sharp() -> str | None:
    node, npm = tools.on_path("node"), tools.on_path("npm")
    if not node or not npm:
        return None
    if not (FOLDER / "node_modules" / "sharp").exists():
        tools.succeeds(npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(FOLDER), SHARP)
    return node if (FOLDER / "node_modules" / "sharp").exists() else None


def _convert() -> str | None:
    found = tools.on_path("/usr/bin/convert", "convert") or tools.from_package("imagemagick", "/usr/bin/convert")
    return found if found and tools.succeeds(found, "-version") else None


class Peer:
    """One such program, on one core, to be used in a `with`; asked for one picture after the other."""

    def __init__(self, name: str, words: list[str], core: int) -> None:
        self.name, self._words, self._core = name, words, core

    def __enter__(self) -> "Peer":
        told = os.environ | ALONE | {"PYTHONPATH": str(ROOT), "NODE_PATH": str(FOLDER / "node_modules")}
        told |= {"CONVERT": tools.on_path("/usr/bin/convert", "convert") or ""}
        self._process = subprocess.Popen(  # noqa: S603 - named above
            self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=told, cwd=ROOT, text=True,
        )  # fmt: skip
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self._process.pid, {self._core})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate()

    def ask(self, file: Path, sizes: dict[str, list[int]], *, out: Path | None = None, ready: bool = False) -> float:
        """Seconds of processor time that one picture cost, in whatever processes."""
        before = cpu(self._process.pid)
        told: dict[str, Any] = {"file": str(file), "sizes": sizes, "out": out and str(out), "ready": ready}
        if not self._process.stdin or not self._process.stdout:
            raise RuntimeError("started without pipes")
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "done\n":
            raise SystemExit(f"{self.name} did not manage {file.name}")
        return cpu(self._process.pid) - before

    @contextmanager
    def watched(self) -> Iterator[list[int]]:
        """A list that ends with the most memory (bytes) the program and its children held at once meanwhile."""
        peak, over = [0], threading.Event()

        def look() -> None:
            while not over.wait(SAMPLED):
                peak[0] = max(peak[0], memory(self._process.pid))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield peak
        finally:
            over.set()
            watcher.join()


def family(pid: int) -> list[int]:
    """A process and all that stem from it and live."""
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def cpu(pid: int) -> float:
    """Seconds that a family has used, those who have ended in it included."""
    ticks = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))  # its own and its ended children's, in user mode and in the kernel
    return ticks / TICK


def memory(pid: int) -> int:
    """Bytes that a family holds; what several share is counted once (PSS)."""
    total = 0
    for one in family(pid):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return total
