"""A site, a broker and a worker of the test's own, whoever sends through it, and what must be true of it at the end."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from tests.faults.parts import Broker, Worker, assert_settled_once, photo, states, sweep, until, worker
from tests.faults.site import Site, receipt_in


@dataclass
class Platform:
    """`receipts` are all that children were shown."""

    settings: Settings
    database: Database
    broker: Broker
    crew: Worker
    site: Site
    receipts: list[str] = field(default_factory=list)
    #: The longest that anything took from the end of a fault until it waited for a moderator, in seconds.
    longest: float = 0.0

    def send(self, number: int = 1) -> None:
        """Memes, as children send them: each is acknowledged."""
        for _ in range(number):
            answer = self.site.send(photo(len(self.receipts) % 20, 200, 150))
            assert answer.status_code == 200, answer.text
            self.receipts.append(receipt_in(answer))

    def recover(self) -> None:
        """Wait until nothing waits for the worker any more; the parts of beat and supervisor are played here."""
        took = until(lambda: not states(self.database)[State.RECEIVED], "all is cleaned", self._meanwhile)
        self.longest = max(self.longest, took)

    def _meanwhile(self) -> None:
        self.crew.go_on()
        sweep(self.settings)

    def assert_nothing_lost(self) -> None:
        """Every receipt that was shown opens an entry that waits for a moderator, cleaned exactly once; there is no other."""
        assert states(self.database) == {State.PENDING: len(self.receipts)}
        assert len(set(self.receipts)) == len(self.receipts)
        for receipt in self.receipts:
            answer = self.site.client.post("/en/receipt", data={"receipt": receipt})
            assert answer.status_code == 200
            assert "waiting" in answer.text
        with self.database.reads() as session:
            ids = list(session.scalars(select(Entry.id)))
        assert_settled_once(self.database, self.settings, ids)


@contextmanager
def running(settings: Settings, database: Database, broker: Broker, app: str = "workers.app:celery") -> Iterator[Platform]:
    """All parts, gone at the end. `app` may name a worker with a fault built in."""
    with worker(settings, app) as crew, closing(Site(settings)) as site:
        yield Platform(settings, database, broker, crew, site)
