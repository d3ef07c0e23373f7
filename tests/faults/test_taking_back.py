"""A child takes something back, hears that it is gone, and asks every process of the server in the same moment."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from memes import entries, receipts
from memes.db import Database
from memes.lifecycle import Action
from memes.settings import Settings
from memes.storage import open_store
from tests import servers
from tests.fakes import RecordingQueue
from tests.journeys.house import House, open_house
from tests.make import draft

#: Connections that stay open: each leads to one of the processes, and so many reach them all.
LINES, PROCESSES, TIMES = 10, 3, 200


class Line:
    """A connection that is kept."""

    def __init__(self, house: House) -> None:
        self._line = http.client.HTTPConnection(house.address.removeprefix("http://"), timeout=60)

    def ask(self, path: str, **sent: str) -> int:
        """The status of the answer; `sent` makes it a form for programs."""
        body = json.dumps(sent) if sent else None
        self._line.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"} if body else {})
        answer = self._line.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        self._line.close()


@contextmanager
def lines_to(house: House) -> Iterator[list[Line]]:
    """LINES of them."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Line(house))) for _ in range(LINES)]


def shown(house: House) -> dict[str, UUID]:
    """What stands in the gallery, by receipt."""
    settings = Settings.from_env(house.environment)
    store, found = open_store(settings.media_url), {}
    with Database(settings.database_url, settings.entry_keys) as database, database.writing() as session:
        for _ in range(TIMES):
            code = receipts.new_code()
            digest = receipts.digest(settings.secret_key, code)
            entry = entries.submit(session, draft(), None, digest, store=store, queue=RecordingQueue())
            for action in (Action.SETTLE, Action.APPROVE):
                entries.transition(session, entry, action, actor="somebody")
            found[code] = entry.id
    return found


@pytest.mark.thorough
def test_whoever_was_told_that_it_is_gone_finds_it_in_no_process(
    postgresql: str, tmp_path: Path, figure: Callable[..., None]
) -> None:
    servers.administer(postgresql, "CREATE DATABASE taking TEMPLATE template")
    told = {"DATABASE_URL": postgresql.format("taking"), "INSTAMEMES_WEB_WORKERS": str(PROCESSES), "INSTAMEMES_LIMITS": "off"}
    with open_house(tmp_path / "home", **told) as house:
        entry_of, over = shown(house), threading.Event()

        def read() -> None:
            """So that every process knows the word at any moment."""
            with lines_to(house) as lines:
                while not over.is_set():
                    assert {line.ask("/api/v1/gallery") for line in lines} == {200}

        with ThreadPoolExecutor(1) as beside, lines_to(house) as lines:
            reader, seen = beside.submit(read), 0
            try:
                for code, entry_id in entry_of.items():
                    page = f"/api/v1/gallery/{entry_id}"
                    assert {line.ask(page) for line in lines} == {200}
                    assert lines[0].ask("/api/v1/receipts/withdraw", receipt=code) == 200
                    seen += sum(line.ask(page) != 404 for line in lines[1:])
            finally:
                over.set()
            reader.result(60)
    figure("withdrawn.processes", len(entry_of), goal=f">= {TIMES}", unit="taken back, and then in none of three processes")
    assert seen == 0
