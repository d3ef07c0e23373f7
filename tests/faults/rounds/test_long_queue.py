"""A hundred thousand wait, and then somebody writes that they are in danger."""

import base64
import json
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from sqlalchemy import insert

from memes import privacy
from memes.db import Database
from memes.lanes import Lane
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from moderation import backlog
from moderation.backlog import Wish
from moderation.models import Moderator, Role
from tests.faults.parts import Broker, states, until, worker
from tests.faults.site import Site, receipt_in
from workers.app import ENTRIES
from workers.dispatch import CeleryQueue

BATCH = 5_000


@pytest.fixture
def waiting(thorough: bool) -> int:
    return 100_000 if thorough else 400


def test_who_is_in_danger_stands_first_at_the_desk_however_many_wait(
    waiting: int, file_database: Database, own_settings: Settings, own_broker: Broker, figure: Callable[..., None]
) -> None:
    fill(file_database, own_settings, waiting)
    with closing(Site(own_settings)) as site, worker(own_settings):
        until(lambda: states(file_database)[State.PENDING] > 10, "it is at work")
        before, start = states(file_database)[State.PENDING], time.monotonic()
        fields = {"theme": "rumours", "language": "en", "text": "أريد أن أموت", "consent_gallery": "y"}
        receipt_in(site.client.post("/en/share/story", data=fields))
        until(lambda: in_danger(file_database) == 1, "somebody can read it")
        took, overtaken = time.monotonic() - start, CeleryQueue(own_settings).waiting()
        assert states(file_database)[State.PENDING] - before < waiting / 2
        assert overtaken > waiting / 2, "all these were sent before"
    figure("faults.danger_first", round(took, 1), goal="<= 60", unit=f"s until it stands in the lane of danger, {waiting} waiting")
    figure("faults.danger_first.waiting", waiting, goal=">= 100000", unit="entries that were sent before, and wait for the worker")


def in_danger(database: Database) -> int:
    """How many stand at the desk's top."""
    with database.reads() as session:
        rows = backlog.in_danger(session, Wish(Moderator(id=uuid4(), role=Role.MODERATOR)))
    assert all(row.lane is Lane.DANGER for row in rows)
    return len(rows)


def fill(database: Database, settings: Settings, number: int) -> None:
    """So many stories that wait, each with its message in the broker."""
    now, fields = privacy.now(), {
        "kind": "story", "language": "en", "theme": "rumours", "text": "they laughed at me", "caption": "", "alt": "",
        "consent_gallery": True, "consent_schools": True, "consent_print": False, "state": State.RECEIVED, "version": 1,
        "renditions": [], "removed": [],
    }  # fmt: skip
    for start in range(0, number, BATCH):
        ids = [uuid4() for _ in range(start, min(start + BATCH, number))]
        with database.engine.begin() as connection:
            connection.execute(insert(Entry), [{**fields, "id": entry_id, "received_at": now, "sent_at": now} for entry_id in ids])
        post(settings, ids)


def post(settings: Settings, ids: list[UUID]) -> None:
    """What `CeleryQueue.process_entry` does, many times at once: after the first one, by copies of its message."""
    CeleryQueue(settings).process_entry(ids[0])
    with redis.Redis.from_url(settings.redis_url) as broker:
        sample: dict[str, Any] = json.loads(broker.lindex(ENTRIES, 0))
        broker.lpush(ENTRIES, *(json.dumps(copy(sample, entry_id)) for entry_id in ids[1:]))


def copy(sample: dict[str, Any], entry_id: UUID) -> dict[str, Any]:
    """The message for another entry."""
    _args, *rest = json.loads(base64.b64decode(sample["body"]))
    names = {"id": str(uuid4()), "root_id": str(uuid4())}
    return sample | {
        "body": base64.b64encode(json.dumps([[entry_id.hex], *rest]).encode()).decode(),
        "headers": sample["headers"] | names,
        "properties": sample["properties"] | {"correlation_id": names["id"], "delivery_tag": str(uuid4())},
    }
