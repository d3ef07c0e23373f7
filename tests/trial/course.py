"""What is done to the installation, one after another, and what came of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from memes.lifecycle import State
from memes.models import Entry
from tests.trial.house import Installation, installation
from tests.trial.people import Answer, Crowd
from tests.trial.programs import Machine
from tests.trial.servers import until
from tests.trial.verdict import Verdict, judged

#: Seconds: how long each part of the trial lasts, how long a dead machine stays dead, how long a person needs before they name
#: another database (in life: minutes), and until nginx looks again for a machine that was not there.
WINDOW, DEAD, PERSON, SEEN = 14.0, 7.0, 4.0, 2.0
DEPLOY = "the schema is widened, every machine restarted in turn"


@dataclass(frozen=True)
class Part:
    """What was done, and the time it is counted for."""

    what: str
    began: float
    ended: float


@dataclass(frozen=True)
class Trial:
    """The parts of it, whoever took part, and what was true at the end."""

    parts: list[Part]
    crowd: Crowd
    verdict: Verdict
    #: Seconds from the last sending until nothing waited for a worker any more.
    drained: float

    def part(self, what: str) -> Part:
        """The one in which that was done."""
        return next(part for part in self.parts if part.what == what)

    def during(self, part: Part) -> list[Answer]:
        """What was answered meanwhile."""
        return [answer for answer in list(self.crowd.notes.answers) if part.began <= answer.ended < part.ended]


def run(window: float = WINDOW) -> Trial:
    """All of it, from nothing to nothing."""
    with installation() as here:
        crowd = Crowd(here.port, here.database, here.moderators)
        crowd.begin()
        try:
            parts = [_part(what, deed, here, window) for what, deed in COURSE]
            crowd.no_more_sendings()
            drained = until(lambda: not _waiting(here), "all is cleaned", 240)
        finally:
            crowd.end()
        return Trial(parts, crowd, judged(here, crowd), drained)


def _part(what: str, deed: Callable[[Installation], None], here: Installation, window: float) -> Part:
    began = time.monotonic()
    deed(here)
    time.sleep(max(0, began + window - time.monotonic()))
    return Part(what, began, time.monotonic())


def _waiting(here: Installation) -> bool:
    with here.database.reads() as session:
        return session.scalar(select(Entry.id).where(Entry.state == State.RECEIVED).limit(1)) is not None


def _nothing(_here: Installation) -> None:
    """As on any day."""


def _dies(machine: Machine) -> None:
    machine.kill()
    time.sleep(DEAD)
    machine.start()
    until(machine.says_ready, "it is ready again")


def _web(here: Installation) -> None:
    _dies(here.webs[0])


def _worker(here: Installation) -> None:
    _dies(here.workers[0])


def _clock(here: Installation) -> None:
    _dies(here.clock)


def _memory(here: Installation) -> None:
    old = here.memory.master()
    here.memory.machines[old].kill()
    until(lambda: here.memory.master() == 1 - old, "the other one is the master")
    here.memory.machines[old].start()


def _copy(here: Installation) -> None:
    here.databases.machines[2].kill()
    time.sleep(DEAD)
    here.databases.machines[2].start()


def _deploy(here: Installation) -> None:
    """The schema is widened, then each machine is asked to stop and started again, one after another."""
    here.databases.ask(0, "SET lock_timeout = '2s'; ALTER TABLE entries ADD COLUMN of_the_next_release text", "instamemes")
    here.databases.ask(0, "CREATE INDEX CONCURRENTLY of_the_next ON entries (of_the_next_release)", "instamemes")
    for machine in (*here.webs, *here.workers, here.clock):
        machine.restart()
        until(machine.says_ready, "it is ready again")
        time.sleep(SEEN)


def _database(here: Installation) -> None:
    here.databases.machines[0].kill()
    time.sleep(PERSON)
    here.databases.promote(here.databases.furthest(1, 2))


COURSE: tuple[tuple[str, Callable[[Installation], None]], ...] = (
    ("nothing", _nothing),
    ("a web machine dies, and comes back", _web),
    ("a worker's machine dies, and comes back", _worker),
    ("the clock (beat) dies, and comes back", _clock),
    ("the master of the memory dies; the sentinels name the other", _memory),
    ("a database that copies dies, and comes back", _copy),
    (DEPLOY, _deploy),
    ("the database that writes dies; a person promotes a copy", _database),
    ("nothing", _nothing),
)
