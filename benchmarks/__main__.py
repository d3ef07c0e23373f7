"""`python -m benchmarks [NAME…]`: measure, print, and put the results in their places in docs/performance.md."""

import importlib
import os
import platform
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import _goals

REPORT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def main(names: list[str]) -> None:
    """All modules, or those named. One that fails leaves its section as it was, and the others are measured all the same."""
    here = Path(__file__).parent
    known = sorted(path.stem for path in here.glob("[!_]*.py"))
    failed = [name for name in names or known if not _measured(name)]
    if failed:
        sys.exit(f"Not measured: {', '.join(failed)}")


def _measured(name: str) -> bool:
    module = importlib.import_module(f"benchmarks.{name}")
    if not hasattr(module, "TITLE"):  # it needs more than is installed here, has a page of its own, and says how
        return True
    begun, load = time.monotonic(), os.getloadavg()[0]
    try:
        with _goals.heard() as goals:
            text = module.measure().strip()
    except (Exception, SystemExit):
        traceback.print_exc()
        return False
    section = f"## {module.TITLE}\n\n{text}\n\n{_where(name, time.monotonic() - begun, load)}"
    print(section, flush=True)
    _write(name, section)
    _write("goals", _goals.table(_part("goals"), name, module.TITLE, goals))
    return True


def _where(name: str, seconds: float, load: float) -> str:
    """Without the machine a figure means little. `load`: the machine's, before it began."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text()) if sys.platform == "linux" else None
    cpu, day = model[1] if model else platform.machine(), datetime.now(UTC).date()
    machine = f"{os.cpu_count()} cores of {cpu} (load {load:.0f})"
    return f"`benchmarks/{name}.py`, {seconds:.0f} s, {day}, {machine}, Python {platform.python_version()}.\n"


def _part(name: str) -> str:
    """What the report says at present in one of its parts."""
    found = _place(name).search(REPORT.read_text(encoding="utf-8"))
    return found[0] if found else ""


def _place(name: str) -> re.Pattern[str]:
    return re.compile(f"<!-- {name} -->\n.*?<!-- end of {name} -->\n", re.DOTALL)


def _write(name: str, section: str) -> None:
    text, place = REPORT.read_text(encoding="utf-8"), _place(name)
    block = f"<!-- {name} -->\n{section}<!-- end of {name} -->\n"
    text = place.sub(lambda _found: block, text) if place.search(text) else text.rstrip("\n") + "\n\n" + block
    REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
