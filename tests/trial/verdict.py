"""What must be true when everything is over: everything acknowledged exactly once, cleaned once, and nothing else to be seen."""

import hashlib
import http.client
import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from memes import log, pictures, receipts
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent, Receipt
from memes.storage import open_store
from tests.trial.house import Installation
from tests.trial.people import Crowd
from workers import housekeeping


@dataclass(frozen=True)
class Verdict:
    """Numbers of what was found; `wrong` has a sentence for everything that must not be."""

    acknowledged: int
    approved: int
    withdrawn: int
    pictures: int
    wrong: list[str]


def judged(here: Installation, crowd: Crowd) -> Verdict:
    """Look everywhere."""
    wrong = list(crowd.notes.wrong)
    with here.database.reads() as session:
        rows = {entry.id: entry for entry in session.scalars(select(Entry))}
        moves = Counter(map(tuple, session.execute(select(EntryEvent.entry_id, EntryEvent.action))))
        if log.broken_at(session) is not None:
            wrong.append("the log's chain is broken")
        kept = {digest for digest in session.scalars(select(Receipt.digest))}
        shown = [receipts.digest(here.settings.secret_key, code) for code in crowd.notes.receipts]
        if len(set(shown)) != len(shown) or set(shown) != kept:
            wrong.append(f"{len(set(shown) - kept)} receipts open nothing, {len(kept - set(shown))} entries have no receipt")
        for entry_id in rows:
            settled = moves[entry_id, Action.SETTLE]
            if settled != 1 or moves[entry_id, Action.SUBMIT] != 1:
                wrong.append(f"{entry_id} was sent {moves[entry_id, Action.SUBMIT]} times and cleaned {settled} times")
        stored = _stored(here, rows, wrong)
        public = {entry_id for entry_id, entry in rows.items() if entry.is_public}
    _seen(here, public, wrong)
    gone = {entry_id for entry_id, entry in rows.items() if entry.state is State.WITHDRAWN}
    if not set(crowd.notes.withdrawn) <= gone:
        wrong.append("something that was taken back is there again")
    if not public <= crowd.notes.approved:
        wrong.append("something is public that nobody approved")
    return Verdict(len(shown), len(public), len(gone), stored, wrong)


def _stored(here: Installation, rows: dict[UUID, Entry], wrong: list[str]) -> int:
    """How many clean pictures lie in the store: exactly those that the rows name, encrypted, as they were made."""
    store = open_store(here.settings.media_url)
    age, housekeeping.ORPHAN_AGE = housekeeping.ORPHAN_AGE, timedelta(0)  # tidying, which waits a quarter of an hour, comes now
    try:
        housekeeping.remove_orphans(here.database, store)
    finally:
        housekeeping.ORPHAN_AGE = age
    named = {pictures.rendition_key(entry.id, size["file"]): (entry, size) for entry in rows.values() for size in entry.renditions}
    found = set(store.keys("renditions/"))
    if found != set(named):
        wrong.append(f"{len(found - set(named))} stored pictures have no row, {len(set(named) - found)} are missing")
    if left := list(store.keys("private/")):
        wrong.append(f"{len(left)} originals are left")
    for key in found & set(named):
        entry, size = named[key]
        data = pictures.source(store, entry.secret_if_any(), key)
        if not pictures.is_encrypted(store, key) or hashlib.sha256(data).hexdigest() != size["sha256"]:
            wrong.append(f"{key} is not what was made, or lies in the clear")
    return len(found)


def _seen(here: Installation, public: set[UUID], wrong: list[str]) -> None:
    """Through the proxy: the whole list is what is public and nothing else."""
    seen: set[UUID] = set()
    after = ""
    while True:
        line = http.client.HTTPConnection("127.0.0.1", here.port, timeout=30)
        line.request("GET", f"/api/v1/gallery?limit=100{after}")
        page = json.loads(line.getresponse().read())
        line.close()
        seen |= {UUID(item["id"]) for item in page["items"]}
        if not page["next"]:
            break
        after = f"&after={page['next']}"
    if seen != public:
        wrong.append(f"{len(seen - public)} are shown that are not public, {len(public - seen)} are missing")
