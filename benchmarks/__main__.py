"""`python -m benchmarks [NAME…]`: measure, print, and put the results in their places in docs/performance.md."""

import importlib
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

REPORT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
HEAD = "# Performance\n\nWritten by `make bench`; every figure was measured by the module that its section names.\n"


def main(names: list[str]) -> None:
    """All modules, or those named."""
    here = Path(__file__).parent
    known = sorted(path.stem for path in here.glob("[!_]*.py"))
    for name in names or known:
        module = importlib.import_module(f"benchmarks.{name}")
        if not hasattr(module, "TITLE"):  # it needs more than is installed here, has a page of its own, and says how
            continue
        section = f"## {module.TITLE}\n\n{module.measure().strip()}\n\n{_where(name)}"
        print(section, flush=True)
        _write(name, section)


def _where(name: str) -> str:
    """Without the machine a figure means little."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text()) if sys.platform == "linux" else None
    cpu, day = model[1] if model else platform.machine(), datetime.now(UTC).date()
    machine = f"{os.cpu_count()} cores of {cpu} (load {os.getloadavg()[0]:.0f})"
    return f"`benchmarks/{name}.py`, {day}, {machine}, Python {platform.python_version()}.\n"


def _write(name: str, section: str) -> None:
    text = REPORT.read_text(encoding="utf-8") if REPORT.exists() else HEAD
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    place = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    block = start + section + end
    text = place.sub(lambda _found: block, text) if place.search(text) else text.rstrip("\n") + "\n\n" + block
    REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
