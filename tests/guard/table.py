"""The sentences about which the guard is asked, and what comes out. `python -m tests.guard.table` writes docs/guard.md's table."""

from dataclasses import dataclass
from pathlib import Path

from memes import guard

HERE = Path(__file__).parent
HALVES = ("rules", "held_out")
HARMLESS = "-"


@dataclass(frozen=True)
class Sentence:
    """One labelled sentence: which language, and which kind should be found (`-`: none)."""

    language: str
    kind: str
    text: str

    @property
    def found(self) -> list[str]:
        """The kinds that are found."""
        return guard.signals([self.text])

    @property
    def right(self) -> bool:
        """Found what is there, or nothing where there is nothing."""
        return not self.found if self.kind == HARMLESS else self.kind in self.found


def sentences(half: str) -> list[Sentence]:
    """Those the rules were written with (`rules`), or those they were not (`held_out`)."""
    lines = (HERE / f"{half}.tsv").read_text(encoding="utf-8").splitlines()
    return [Sentence(*line.split("\t")) for line in lines]
