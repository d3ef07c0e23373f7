"""Writes `docs/assurance.md` from what the tests have kept: `python -m tests.assurance FOLDER` (`make assurance` calls it).

Every number in it was measured by the run before; one that misses its goal, or a goal that nothing was measured for,
is said there, and makes the command fail.
"""

import json
import operator
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "assurance.md"

HEAD = """# Assurance

What is promised, what was measured, and by which test. `make assurance` runs every test with all its rounds and writes
this page from what the tests themselves have kept; nothing in it is typed by hand. Attackers, defences and what is left
open stand in the [threat model](threat-model.md).

| goal | measured | what | met | test |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Promise:
    """Something that is to be shown: by figures whose names begin so, or `elsewhere`."""

    title: str
    figures: tuple[str, ...] = ()
    elsewhere: str = ""


PROMISES = (
    Promise("No metadata in what is stored", ("hostile.files_with_metadata_left", "hostile.canaries")),
    Promise("Hostile files, texts and requests do no harm", ("hostile.",)),
    Promise("The cage has no door", ("cage.",)),
    Promise("What is seized leads to nobody", ("seizure.", "vault.")),
    Promise("Nothing leaves the machine by itself", ("egress.",)),
    Promise("Nothing is public that nobody approved", ("history.",)),
    Promise("Faults lose nothing, publish nothing, and pass", ("faults.",)),
    Promise("What happens by default after a broker's or a worker's death", ("recovery.",)),
    Promise("Of many machines any one may die", ("machines.",)),
    Promise("A class behind one address is not refused, a flood is cut", ("gate.",)),
    Promise("The desk's doors", ("asvs.", "observatory.")),
    Promise("What comes from others is known", ("supply.", "bandit.")),
    Promise("An answer to a receipt tells nothing by its length or its time", ("receipts.",)),
    Promise("Two moderators never decide the same version", ("races.",)),
    Promise("No small number can be derived from what is published", ("figures.",)),
    Promise("Names, numbers and cries for help are seen", ("guard.",)),
    Promise("What was taken back is gone", ("withdrawal.", "withdrawn.", "restore.")),
    Promise("What is over is erased", ("retention.",)),
    Promise("A changed line of the log is found", ("audit.",)),
    Promise("It works on a weak network, an old phone, and without a script", ("budget.",)),
    Promise("Speed under load", elsewhere="`make bench`, written in [performance](performance.md): no test is timed."),
)

_SIGNS: dict[str, Callable[[Any, Any], bool]] = {">=": operator.ge, "<=": operator.le, "=": operator.eq}

_ANSWERS = {True: "yes", False: "**no**", None: ""}


def met(figure: dict[str, Any]) -> bool | None:
    """Whether a figure reaches its goal; None if it has none."""
    sign, _, wanted = figure["goal"].partition(" ")
    if sign not in _SIGNS:
        return None
    try:
        return _SIGNS[sign](float(figure["value"]), float(wanted.split()[0]))
    except ValueError:
        return str(figure["value"]) == wanted


def page(figures: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """The page, and in words what is not as promised."""
    text, missing, told = HEAD, [], set()
    for promise in PROMISES:
        mine = [figure for figure in figures if figure["name"].startswith(promise.figures)] if promise.figures else []
        told |= {figure["name"] for figure in mine}
        text += f"| **{promise.title}** | {promise.elsewhere} | | | |\n"
        if not mine and not promise.elsewhere:
            missing.append(f"nothing was measured for: {promise.title}")
        for figure in sorted(mine, key=lambda figure: (str(figure["name"]), str(figure["test"]))):
            reached = met(figure)
            if reached is False:
                missing.append(f"{figure['name']} is {figure['value']}, not {figure['goal']}")
            path, _, test = figure["test"].partition("::")
            cells = (figure["goal"], figure["value"], figure["unit"] or figure["name"], _ANSWERS[reached],
                     f"`{path.removeprefix('tests/')}` {test}")  # fmt: skip
            text += f"| {' | '.join(map(str, cells))} |\n"
    missing += sorted({f"{figure['name']} belongs to no promise" for figure in figures if figure["name"] not in told})
    return text, missing


def main(folder: Path) -> int:
    """Write the page; 1 if something is not as promised."""
    text, missing = page([json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))])
    text += "".join(f"\nNot as promised: {what}.\n" for what in missing)
    PAGE.write_text(text)
    print(*missing, f"Written: {PAGE.name}", sep="\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
