"""For how long a process believes what it heard about what everybody sees, and who waits for that. Known to `kept`.

A page from memory is answered while the word for what everybody sees (`public_state`) is the one under which it was made. The
word is asked for, and then believed for LEASE, counted from before the question. Whoever sends something (a form, a withdrawal,
a decision) hears the answer once the word that stands then has been known here for WAIT. So whoever was told that something is
gone finds it nowhere, in no process on no machine: who still believed the word from before had asked before the change was
committed, and stopped believing it LEASE later; the word of the change became known here after the commit, and WAIT is longer.
Only spans of time are compared, each by one clock: machines need not agree what time it is.

Where nothing public has changed lately, nobody waits: a child's sending and a receipt that is looked up change no word. Workers
and commands wait for nobody, and nobody for them: what they take back may be seen for LEASE after their commit.
"""

from threading import Lock
from time import monotonic, sleep
from typing import NamedTuple

from memes import public_state
from memes.db import Database

#: Seconds. A busy process answers a hundred pages in this time, so the question costs each next to nothing; nobody feels the wait.
LEASE = 0.01
#: Clocks are put right by being made slower or faster, by one in two thousand at most: this is far more.
WAIT = LEASE * 1.1


class Known(NamedTuple):
    """A word, since when it is known here, and until when it is believed (`monotonic`)."""

    word: str | None
    since: float
    until: float


class Lease:
    """One for a process, whose threads may come together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Known(None, 0, 0)
        self._asking = Lock()

    def word(self) -> str | None:
        """The word as it was LEASE ago, or later; None if there is none, or if the database is away."""
        known = self._known
        if monotonic() >= known.until:
            with self._asking:
                known = self._known  # others who waited here ask no more
                if monotonic() >= known.until:
                    known = self._ask()
        return known.word

    def settle(self) -> None:
        """Come back when nobody believes any more what was before the present word."""
        with self._asking:
            since = self._ask().since
        while (left := since + WAIT - monotonic()) > 0:
            sleep(left)

    def _ask(self) -> Known:
        asked = monotonic()
        word = public_state.now(self._database)
        before, heard = self._known, monotonic()
        if word is None:  # nobody knows what stands there
            return Known(None, heard, 0)
        self._known = Known(word, before.since if word == before.word else heard, asked + LEASE)
        return self._known
