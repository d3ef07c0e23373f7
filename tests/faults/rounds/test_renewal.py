"""The platform begins anew again and again while children send and look: nothing is lost, nobody meets an error."""

import http.client
import itertools
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from memes.cli import cli
from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from tests.faults.parts import assert_settled_once, multipart, photo, states, until
from tests.faults.test_up import Up, running

Figure = Callable[..., None]


class Crowd:
    """Children who send and look, each request on a connection of its own, as the proxy makes them.

    Who is cut off sends the same once more under the same key, as the page does.
    """

    def __init__(self, up: Up, senders: int, readers: int) -> None:
        self._host = up.address.removeprefix("http://")
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._until_over, args=(turn,))
                         for turn in [self._send] * senders + [self._look] * readers]  # fmt: skip
        self.receipts: list[str] = []
        #: Statuses of all answers, and `cut` for each connection that ended without one.
        self.met: Counter[int | str] = Counter()

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _until_over(self, turn: Callable[[int], None]) -> None:
        for number in itertools.count():
            if self._over.wait(0.7):
                return
            turn(number)

    def _send(self, number: int) -> None:
        picture = photo(number % 20, 200, 150) if number % 6 == 0 else None
        fields = {"kind": "meme" if picture else "story", "language": "en", "theme": "rumours", "consent_gallery": "true",
                  "text": "" if picture else f"it has happened {number} times", "key": os.urandom(16).hex()}  # fmt: skip
        body, kind = multipart(fields, picture)
        receipt = json.loads(self._answer("POST", "/api/v1/entries", body, {"Content-Type": kind}))["receipt"]
        assert json.loads(self._answer("POST", "/api/v1/entries", body, {"Content-Type": kind}))["receipt"] == receipt
        self.receipts.append(receipt)

    def _look(self, number: int) -> None:
        page = self._answer("GET", ("/api/v1/gallery", "/en/share/meme")[number % 2])
        assert number % 2 or json.loads(page)["items"] == [], "nobody has approved anything"

    def _answer(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        while True:
            connection = http.client.HTTPConnection(self._host, timeout=60)
            try:
                connection.request(method, path, body, headers or {})
                answer = connection.getresponse()
                said = answer.read()
            except (ConnectionError, http.client.HTTPException):
                self.met["cut"] += 1
                time.sleep(0.1)
                continue
            finally:
                connection.close()
            self.met[answer.status] += 1
            return said


@pytest.mark.thorough
def test_nothing_is_lost_and_nobody_meets_an_error_while_all_begins_anew(rounds: range, figure: Figure) -> None:
    with running(INSTAMEMES_LIMITS="off") as up:
        settings = Settings.from_env({"INSTAMEMES_HOME": str(up.home)})
        with Database(settings.database_url, settings.entry_keys) as database:
            with Crowd(up, senders=2, readers=1) as crowd:
                for number in rounds:
                    begin_anew(up, settings, number + 1)
                    sent = len(crowd.receipts)
                    until(lambda: len(crowd.receipts) > sent + 2, "it goes on")  # noqa: B023 - awaited here
                    until(lambda: states(database)[State.RECEIVED] < 5, "the worker keeps up")
            until(lambda: not states(database)[State.RECEIVED], "all is cleaned")
            assert states(database) == {State.PENDING: len(crowd.receipts)}
            assert len(set(crowd.receipts)) == len(crowd.receipts)
            with database.reads() as session:
                ids = list(session.scalars(select(Entry.id)))
            assert_settled_once(database, settings, ids)
        assert set(crowd.met) <= {200, 201, "cut"}, crowd.met
        assert " died (" not in up.said
    figure("faults.renewal", len(rounds), goal=">= 50", unit="times that web, worker and beat began anew under load")
    figure("faults.renewal.errors", sum(crowd.met[met] for met in crowd.met if met not in (200, 201, "cut")), goal="= 0",
           unit=f"errors in {crowd.met.total()} requests meanwhile")  # fmt: skip
    figure("faults.renewal.cut", crowd.met["cut"], unit="connections cut meanwhile, and repeated without a second entry")


def begin_anew(up: Up, settings: Settings, time: int) -> None:
    """As an operator does it, for the so many-th `time`; every process of before is gone afterwards."""
    before = [up.part(word) for word in ("granian", "prefork", "beat")]
    with pytest.raises(SystemExit) as said:
        cli(["reload"], obj=settings)
    assert said.value.code == 0
    for part in ("web", "worker", "beat"):
        up.until_it_says(f"The {part} part has given way to a newer one.", time)
    assert not any(process.is_running() for process in before)
