"""The guard on 100 kB of text that was made to be slow, fifty times the longest story."""

import time
from collections.abc import Callable

from benchmarks._goals import goal
from memes import guard
from memes.drafts import LIMITS
from tests.guard.table import HALVES, sentences

TITLE = "The guard on hostile text"
SIZE, RUNS, WANTED = 100_000, 5, 50

#: What is repeated until there is enough of it.
HOSTILE = {
    "one digit": "0",
    "digits and spaces": "0 6 1 2 ",
    "beginnings of phone numbers": "06 ",
    "plus signs": "+",
    "spaces": " ",
    "tatweel": "ـ",
    "zero-width spaces": "\u200b",
    "accents": "a\u0301\u0301",
    "one letter": "a",
    "letters one by one": "a b ",
    "beginnings of phrases": "i want to ",
    "beginnings of Arabic phrases": "أريد أن ",
    "names of schools": "College Ibn ",
    "beginnings of e-mail addresses": "a.b@",
    "dots": "a.b.c.",
    "beginnings of links": "www.",
    "names of networks": "insta ",
    "mathematical letters": "𝗜 𝘄𝗮𝗻𝘁 ",
}


def measure() -> str:
    """A row for each kind of text, and a usual one."""
    story = " ".join(sentence.text for half in HALVES for sentence in sentences(half))[: LIMITS["text"]]
    usual = _best(lambda: guard.find(story))
    rows = {name: _row((piece * SIZE)[:SIZE]) for name, piece in HOSTILE.items()}
    for place, what in enumerate(("the expressions", "the phrases"), 1):
        worst = max(rows, key=lambda name: rows[name][place])
        goal(f"{what} on {SIZE:,} hostile characters, the worst", f"under {WANTED} ms", f"{rows[worst][place]:.0f} ms ({worst})",
             rows[worst][place] < WANTED)  # fmt: skip
    return "\n".join([
        f"Milliseconds of processor time for {SIZE:,} characters, best of {RUNS}. Wanted: under {WANTED} for each set of rules,",
        f"the {len(guard.rules().patterns)} expressions and the tree of phrases.", "",
        f"The longest story, {LIMITS['text']:,} characters of ordinary sentences: {usual:.1f}.", "",
        "| text | folding | expressions | phrases | all of it |", "|---|---|---|---|---|",
        *(f"| {name} | {' | '.join(f'{spent:.0f}' for spent in row)} |" for name, row in rows.items()),
    ])  # fmt: skip


def _row(text: str) -> tuple[float, ...]:
    known = guard.rules()
    folded, places = known.folded(text)
    return (
        _best(lambda: known.folded(text)),
        _best(lambda: list(guard.by_pattern(known, folded))),
        _best(lambda: list(guard.by_phrase(known, folded, text, places))),
        _best(lambda: guard.find(text)),
    )


def _best(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(RUNS):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return 1000 * min(spent)
