"""Count what the face detector sees: in the demo's drawings, or in folders (`python -m benchmarks.faces FOLDER…`).

A file's name says how many faces are in it: `3-party.jpg`. Each picture is rendered in the cage, as a child's would be.
Whatever is found in a drawing is a false alarm. What was measured on photographs stands in docs/faces.md.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from workers.drawings import draw, names
from workers.images import UnreadableImage
from workers.render import render_in_child

TITLE = "Faces seen where there are none"


def count(name: str, pictures: Iterable[tuple[str, int, bytes]]) -> str:
    """One line for a set of (name, faces in it, bytes). A box too many is counted even where another face was missed."""
    number = there = hits = alarms = 0
    started = time.perf_counter()
    for picture, faces, data in pictures:
        try:
            found = len(render_in_child(data).faces)
        except UnreadableImage:
            continue
        number, there = number + 1, there + faces
        hits, alarms = hits + min(found, faces), alarms + max(0, found - faces)
        if found != faces:
            print(f"  {picture}: {faces} faces, {found} boxes")
    each = (time.perf_counter() - started) / max(1, number)
    return f"{name}: {number} pictures, {there} faces, {hits} hits, {there - hits} missed, {alarms} false alarms, {each:.2f} s each"


def in_folder(folder: Path) -> Iterable[tuple[str, int, bytes]]:
    """Every file of a folder whose name begins with a number."""
    for path in sorted(folder.iterdir()):
        count = path.name.split("-")[0]
        if count.isdigit():
            yield path.name, int(count), path.read_bytes()


def drawings() -> Iterable[tuple[str, int, bytes]]:
    """The pictures of `instamemes up --demo`."""
    for name in names():
        yield name, 0, draw(name)


def measure() -> str:
    """On what is always there."""
    return count("The demo's drawings", drawings()) + " (seconds: cleaning and looking, in a process of its own)."


if __name__ == "__main__":
    for folder in map(Path, sys.argv[1:]):
        print(count(folder.name, in_folder(folder)))
    print(measure())
