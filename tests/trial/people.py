"""Whoever uses the platform during the trial: children who send and take back, readers, and who approves."""

import http.client
import json
import os
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from memes import db
from memes.db import Database
from memes.errors import DomainError
from memes.lifecycle import State
from memes.models import Entry
from moderation import desk
from moderation.models import Moderator
from tests.faults.parts import multipart, photo

#: Seconds: longest wait for an answer, pauses of senders, readers and of who approves.
PATIENCE, SENDERS_PAUSE, READERS_PAUSE, APPROVERS_PAUSE = 20, 1.0, 0.1, 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """`kind`: page, picture or sending. `status` is 0 where nobody answered. Times of the monotonic clock."""

    kind: str
    began: float
    ended: float
    status: int

    @property
    def failed(self) -> bool:
        """Nobody answered, or somebody who could not."""
        return self.status == 0 or self.status >= 500


@dataclass
class Notes:
    """What everybody has seen, together."""

    answers: "deque[Answer]" = field(default_factory=deque)
    #: Receipts that were shown, and those of what was taken back.
    receipts: "deque[str]" = field(default_factory=deque)
    withdrawn: dict[UUID, float] = field(default_factory=dict)
    approved: set[UUID] = field(default_factory=set)
    #: What must never be: said in sentences.
    wrong: "deque[str]" = field(default_factory=deque)
    #: Longest time (seconds) from "taken back" until an answer that began later still showed it.
    seen_after: float = 0.0


class Crowd:
    """Threads that go on until they are told to end; each sending is repeated until it is acknowledged."""

    def __init__(self, port: int, database: Database, moderators: list[UUID]) -> None:
        self.notes, self._port, self._database, self._moderators = Notes(), port, database, moderators
        self._sending, self._reading = threading.Event(), threading.Event()
        self._threads = [
            *(threading.Thread(target=self._until, args=(self._sending, self.send, SENDERS_PAUSE)) for _ in range(3)),
            threading.Thread(target=self._until, args=(self._sending, self.take_back, 2)),
            *(threading.Thread(target=self._until, args=(self._reading, self.read, READERS_PAUSE)) for _ in range(3)),
            threading.Thread(target=self._until, args=(self._reading, self.approve, APPROVERS_PAUSE)),
        ]  # fmt: skip

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def no_more_sendings(self) -> None:
        """What was begun is sent until it is acknowledged."""
        self._sending.set()
        for thread in self._threads[:4]:
            thread.join(120)

    def end(self) -> None:
        self._sending.set()
        self._reading.set()
        for thread in self._threads:
            thread.join(120)

    def _until(self, end: threading.Event, deed: Callable[[], None], pause: float) -> None:
        while not end.is_set():
            try:
                deed()
            except Exception as error:  # noqa: BLE001 - a thread that ends unnoticed would look like calm
                self.notes.wrong.append(f"{deed.__name__}: {type(error).__name__}: {error}")
            end.wait(pause * random.uniform(0.5, 1.5))  # noqa: S311

    def ask(self, kind: str, path: str, body: bytes | None = None, content: str = "") -> tuple[int, bytes]:
        """An answer by the proxy, or 0; noted."""
        began = time.monotonic()
        # Every request from another network, so that nobody is slowed down as one who sends much.
        network = ".".join(str(random.randint(1, 254)) for _ in range(2))  # noqa: S311
        line = http.client.HTTPConnection("127.0.0.1", self._port, PATIENCE, source_address=(f"127.{network}.1", 0))
        try:
            line.request("POST" if body is not None else "GET", path, body, {"Content-Type": content} if content else {})
            answer = line.getresponse()
            status, data = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            status, data = 0, b""
        finally:
            line.close()
        self.notes.answers.append(Answer(kind, began, time.monotonic(), status))
        return status, data

    def send(self) -> None:
        """A story or a meme, repeated with the same key until it is acknowledged."""
        seed = random.randrange(12)  # noqa: S311
        meme = random.random() < 0.25  # noqa: S311
        fields = {"kind": "meme" if meme else "story", "language": "ar", "theme": "rumours", "consent_gallery": "true",
                  "key": os.urandom(16).hex(), "caption" if meme else "text": f"word {os.urandom(6).hex()} of a child"}  # fmt: skip
        body, content = multipart(fields, photo(seed, 640, 480) if meme else None)
        while True:
            status, data = self.ask("sending", "/api/v1/entries", body, content)
            if status == 201:
                self.notes.receipts.append(json.loads(data)["receipt"])
                return
            if status in (400, 413, 422):
                raise AssertionError(data.decode())
            time.sleep(0.5)

    def take_back(self) -> None:
        """Something that is shown, until that is acknowledged; then it is looked for."""
        if not self.notes.receipts:
            return
        words = json.dumps({"receipt": random.choice(self.notes.receipts)}).encode()  # noqa: S311
        status, data = self.ask("page", "/api/v1/receipts", words, "application/json")
        shown = json.loads(data).get("entry") if status == 200 else None
        if shown is None:
            return
        while self.ask("sending", "/api/v1/receipts/withdraw", words, "application/json")[0] != 200:
            time.sleep(0.5)
        entry_id, gone = UUID(shown), time.monotonic()
        self.notes.withdrawn[entry_id] = gone
        for path in (f"/en/gallery/{entry_id}", f"/api/v1/gallery/{entry_id}", f"/media/{entry_id}/320.webp"):
            while True:
                began = time.monotonic()
                status, _ = self.ask("picture" if "media" in path else "page", path)
                if status in (404, 410):
                    break
                if status == 200:
                    self.notes.seen_after = max(self.notes.seen_after, began - gone)
                time.sleep(0.2)

    def read(self) -> None:
        """The gallery and what stands in it."""
        began = time.monotonic()
        status, data = self.ask("page", "/api/v1/gallery?limit=24")
        items = json.loads(data)["items"] if status == 200 else []
        for entry_id in (UUID(item["id"]) for item in items):
            if entry_id not in self.notes.approved:
                self.notes.wrong.append(f"{entry_id} was shown, and nobody had approved it")
            if entry_id in self.notes.withdrawn:
                self.notes.seen_after = max(self.notes.seen_after, began - self.notes.withdrawn[entry_id])
        self.ask("page", random.choice(("/ar/gallery", "/fr/gallery", "/feed.atom", "/en/")))  # noqa: S311
        pictures = [item["id"] for item in items if item["image"]]
        if pictures:
            self.ask("picture", f"/media/{random.choice(pictures)}/320.webp")  # noqa: S311

    def approve(self) -> None:
        """All that waits, in the verbs of the desk; four in five, so that some must never be seen."""
        try:
            with self._database.reads() as session:
                waiting = list(session.execute(
                    select(Entry.id, Entry.version).where(Entry.state == State.PENDING).order_by(Entry.received_at)
                ))  # fmt: skip
            for entry_id, seen in [row for row in waiting if row.id.int % 5][:20]:
                self._approve(entry_id, seen)
        except db.AWAY:
            return

    def _approve(self, entry_id: UUID, seen: int) -> None:
        self.notes.approved.add(entry_id)  # before the commit, which somebody may see before we return from it
        for who in self._moderators:
            try:
                with self._database.writing() as session:
                    entry = session.get_one(Entry, entry_id)
                    desk.approve(session, entry, session.get_one(Moderator, who), seen, "two friends" if entry.has_image else "")
                    shown = entry.state is State.APPROVED
                    session.flush()
                    seen = entry.version
            except DomainError:
                return
            if shown:
                return
