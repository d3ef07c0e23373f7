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
        return guard.signals(guard.find(self.text))

    @property
    def right(self) -> bool:
        """Found what is there, or nothing where there is nothing."""
        return not self.found if self.kind == HARMLESS else self.kind in self.found


def sentences(half: str) -> list[Sentence]:
    """Those the rules were written with (`rules`), or those they were not (`held_out`)."""
    lines = (HERE / f"{half}.tsv").read_text(encoding="utf-8").splitlines()
    return [Sentence(*line.split("\t")) for line in lines]


DOCUMENT = HERE.parent.parent / "docs" / "guard.md"
MARK = "<!-- table -->"


def _rows() -> list[str]:
    rows = ["| half | language | to be found | found | harmless | false alarms |", "|---|---|---|---|---|---|"]
    for half in HALVES:
        asked = sentences(half)
        for language in ("ar", "da", "dz", "fr", "en", "all"):
            chosen = [s for s in asked if language in ("all", s.language)]
            telling = [s for s in chosen if s.kind != HARMLESS]
            harmless = [s for s in chosen if s.kind == HARMLESS]
            hits, alarms = sum(s.right for s in telling), sum(not s.right for s in harmless)
            rows.append(f"| {half} | {language} | {len(telling)} | {hits} | {len(harmless)} | {alarms} |")
    rows += ["", "Every sentence: what should be found (`-`: nothing), and what was.", ""]
    rows += ["| half | language | should be | was | right | sentence |", "|---|---|---|---|---|---|"]
    for half in HALVES:
        for s in sentences(half):
            found = ", ".join(s.found) or HARMLESS
            rows.append(f"| {half} | {s.language} | {s.kind} | {found} | {'yes' if s.right else '**no**'} | {s.text} |")
    return rows


if __name__ == "__main__":
    words = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0]
    DOCUMENT.write_text(words + MARK + "\n\n" + "\n".join(_rows()) + "\n", encoding="utf-8")
