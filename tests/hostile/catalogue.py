"""Every hostile file: made by code, always the same, none of them kept."""

from collections.abc import Iterator

from tests.hostile import bombs, colours, damage, metadata, strangers, tricks
from tests.hostile.file import File

#: Rows of which each file is another trick; of the others, one in three tells most.
ALWAYS = ("bomb/", "turned/", "colours/", "tail/")
#: At the edge of what is let in: seconds each.
DEAR = "dear/"


def everything() -> Iterator[File]:
    """All files of all rows."""
    for row in (strangers, metadata, colours, damage, tricks, bombs):
        yield from row.files()


def short() -> Iterator[File]:
    """Some of each row, in a few seconds."""
    for number, file in enumerate(everything()):
        if not file.name.startswith(DEAR) and (number % 3 == 0 or file.name.startswith(ALWAYS)):
            yield file
