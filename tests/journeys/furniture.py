"""An entry in every state, put into a running house by the verbs that the real way uses."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import update

from memes import (
    articles,
    attachments,
    classes,
    collections,
    entries,
    first_reading,
    privacy,
    receipts,
    sending,
    writing,
)
from memes.articles import Content
from memes.collections import Wording
from memes.db import Database
from memes.drafts import Draft
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.school_models import Words
from memes.settings import Settings
from memes.storage import open_store
from tests.fakes import RecordingQueue
from tests.journeys.house import House
from tests.journeys.pictures import broken_picture, phone_photo
from tests.memes.films import MP4, PDF, VTT
from workers import pipeline
from workers.render import render_in_child

#: What leads from `pending` to each state that a receipt can show.
WAYS: dict[State, tuple[Action, ...]] = {
    State.PENDING: (),
    State.APPROVED: (Action.APPROVE,),
    State.CHANGES_REQUESTED: (Action.ASK_CHANGES,),
    State.DECLINED: (Action.DECLINE,),
    State.ESCALATED: (Action.ESCALATE,),
    State.SUPPORTED: (Action.ESCALATE, Action.SUPPORT),
    State.REMOVED: (Action.APPROVE, Action.TAKE_DOWN),
}
TOLD = (Action.ASK_CHANGES, Action.DECLINE, Action.TAKE_DOWN, Action.SUPPORT)
#: Words that a page must break somewhere, in both directions.
LONG = "حكاية طويلة وفيها Anticonstitutionnellement ثم https://example.org/a/very/long/address/without/any/space " * 5


@dataclass
class Shown:
    """What was put on the pages: a receipt and an entry for each state, and a few with something special."""

    receipts: dict[State, str] = field(default_factory=dict)
    entries: dict[State, UUID] = field(default_factory=dict)
    special: dict[str, UUID] = field(default_factory=dict)
    #: Kind -> the name of one that everyone sees, with all that it can have.
    articles: dict[str, str] = field(default_factory=dict)
    collection: str = ""
    class_key: str = ""
    class_code: str = ""


def furnish(house: House) -> Shown:
    """Put an entry of every state into the house, and pictures for gallery and desk."""
    with _builder(house) as builder:
        shown = Shown()
        for state, way in WAYS.items():
            code, shown.entries[state] = builder.put(way, text=f"{state.value}: {LONG}")
            shown.receipts[state] = code
        shown.receipts[State.UNREADABLE], _ = builder.put((), picture=broken_picture(), text="Look!")
        shown.receipts[State.RECEIVED], _ = builder.put(None, text="Just sent.")
        _, shown.special["picture"] = builder.put(
            (Action.APPROVE,), kind="meme", picture=phone_photo(), caption=LONG[:200], alt="Noise"
        )
        _, shown.special["veiled"] = builder.put(
            (Action.ENDORSE, Action.APPROVE), theme="threats", text=LONG
        )
        _, shown.special["waiting"] = builder.put(
            (), kind="meme", picture=phone_photo(), caption="It waits.", age="9-11"
        )
        shown.collection = builder.collect(shown.special["picture"], shown.special["veiled"], shown.entries[State.APPROVED])
        shown.class_key, shown.class_code = builder.grant_code()
        for entry_id in (shown.entries[State.APPROVED], shown.special["picture"], shown.special["veiled"]):
            builder.grade(entry_id)
        shown.articles = builder.write()
        return shown


def send_again(house: House, picture: bytes, mirrored: bytes) -> UUID:
    """A picture that was refused, and the same one mirrored, which waits: its id."""
    with _builder(house) as builder:
        builder.put((Action.DECLINE,), kind="meme", picture=picture, caption="First.")
        return builder.put((), kind="meme", picture=mirrored, caption="Once more.")[1]


def take_down(house: House, entry_id: UUID) -> None:
    """Take it off every page."""
    with _builder(house) as builder, builder.database.writing() as session:
        entries.transition(session, session.get_one(Entry, entry_id), Action.TAKE_DOWN, actor="somebody")


def put_on_screen(house: House, *texts: str, picture: bytes | None = None, **words: str) -> list[tuple[str, UUID]]:
    """Approved entries that a moderator has graded for classes: receipt and id of each, the last one newest."""
    with _builder(house) as builder:
        made = [builder.put((Action.APPROVE,), text=text, picture=picture, **words) for text in texts]
        for _code, entry_id in made:
            builder.grade(entry_id)
        return made


def let_teacher_read(house: House) -> tuple[str, str]:
    """A class code whose teacher has something to read: the teacher's key, and the code."""
    with _builder(house) as builder:
        return builder.grant_code()


def let_wait(house: House, *texts: str, picture: bytes | None = None, **words: str) -> list[UUID]:
    """Put entries into the house that wait for a moderator, oldest first."""
    with _builder(house) as builder:
        return [builder.put((), text=text, picture=picture, **words)[1] for text in texts]


def send(house: House, text: str, picture: bytes | None = None, **words: str) -> tuple[str, UUID]:
    """One entry that waits: its receipt and its id."""
    with _builder(house) as builder:
        return builder.put((), text=text, picture=picture, **words)


def publish(house: House, text: str = "", *, picture: bytes | None = None, **words: str) -> tuple[UUID, str]:
    """One public entry: its id and its receipt."""
    with _builder(house) as builder:
        receipt, entry_id = builder.put((Action.APPROVE,), text=text, picture=picture, **words)
        return entry_id, receipt


@dataclass(frozen=True)
class _Builder:
    settings: Settings
    database: Database

    def put(self, way: tuple[Action, ...] | None, *, picture: bytes | None = None, **words: str) -> tuple[str, UUID]:
        """Send it, clean it and decide on it; with None for a way it stays as it came. Its receipt and its id."""
        code, entry_id = self._send(Draft(**self._usual() | words), picture)  # type: ignore[arg-type]
        if way is None:
            self._keep_from_worker(entry_id)
            return code, entry_id
        pipeline.process(self.database, open_store(self.settings.media_url), render_in_child, entry_id)
        with self.database.writing() as session:
            entry = session.get_one(Entry, entry_id)
            for action in way:
                actor = "a colleague" if action is Action.ENDORSE else "somebody"
                told = ("real_name", "A word to the child.") if action in TOLD else (None, "")
                entries.transition(
                    session, entry, action, actor=actor, seen=entry.version, reason=told[0], note=told[1]
                )
        return code, entry_id

    def collect(self, *wanted: UUID) -> str:
        """A collection of those that are public, whose words were read: its short address."""
        with self.database.writing() as session:
            wording = Wording("A lesson", "A long note. " * 20, "en", "rumours", {str(wanted[0]): "What would you do?"})
            made, _key = collections.begin(session, self.settings.secret_key, wording)
            for entry_id in wanted:
                collections.add(session, made, entry_id)
            collections.write(session, made, wording)
            collections.judge(session, made.short, Words.SHOWN, seen=made.version)
            return made.short

    def grant_code(self) -> tuple[str, str]:
        """A class code that is good and whose teacher reads first what came yesterday: the teacher's key, and the code."""
        with self.database.writing() as session:
            code, key = classes.ask(session, self.settings.secret_key, region="MA-07", age="12-14", expected=30,
                                    teacher_first=True, at_once=True)  # fmt: skip
        for number in range(first_reading.LEAST):
            picture = phone_photo() if number == 0 else None
            _receipt, entry_id = self._send(Draft(**self._usual() | {"text": f"{number}: {LONG}"}), picture, code.id)  # type: ignore[arg-type]
            pipeline.process(self.database, open_store(self.settings.media_url), render_in_child, entry_id)
            with self.database.writing() as session:
                yesterday = privacy.now() - timedelta(days=1)
                session.connection().execute(update(Entry).where(Entry.id == entry_id).values(received_at=yesterday))
        return key, code.code or ""

    def grade(self, entry_id: UUID) -> None:
        """For classroom screens."""
        with self.database.writing() as session:
            entries.grade(session, session.get_one(Entry, entry_id), for_screen=True)

    def write(self) -> dict[str, str]:
        """News in one language, an event in all, a resource with every sort of file."""
        store, said = open_store(self.settings.media_url), articles.Words("ورشة", LONG, f"## حلقة\n\n> {LONG}")
        everywhere = dict.fromkeys(articles.LANGUAGES, said)
        with self.database.writing() as session:
            files = [attachments.keep(session, io.BytesIO(data), store=store) for data in (MP4, VTT, PDF, phone_photo())]
            contents = {
                "news": Content({"ar": said}),
                "event": Content(everywhere, "workshop", ("teachers", "parents"), "MA-04", date(2099, 1, 1), begins_at=time(10)),
                "resource": Content(everywhere, "capsule", ("children",), licence="reserved",
                                    files=tuple(articles.File(file.id, "ar") for file in files)),
            }  # fmt: skip
            made = {kind: writing.create(session, kind, content, editor="somebody") for kind, content in contents.items()}
            for file in files:
                file.article_id = made["resource"].id
            for article in made.values():
                writing.publish(session, article, formats=attachments.formats(files))
            return {kind: article.slug for kind, article in made.items()}

    def _send(self, draft: Draft, picture: bytes | None, first_reader: UUID | None = None) -> tuple[str, UUID]:
        checked = sending.check(draft, io.BytesIO(picture) if picture else None, settings=self.settings)
        code, store = receipts.new_code(), open_store(self.settings.media_url)
        digest = receipts.digest(self.settings.secret_key, code)
        with self.database.writing() as session:
            entry = entries.submit(session, checked.draft, checked.image, digest, store=store, queue=RecordingQueue(),
                                   first_reader=first_reader)  # fmt: skip
            return code, entry.id

    def _keep_from_worker(self, entry_id: UUID) -> None:
        """The house's own sweep believes that it was sent, next year."""
        later = privacy.now().replace(year=privacy.now().year + 1)
        with self.database.writing() as session:
            session.connection().execute(update(Entry).where(Entry.id == entry_id).values(sent_at=later))

    @staticmethod
    def _usual() -> dict[str, object]:
        return {"kind": "story", "language": "ar", "theme": "rumours", "consent_gallery": True, "consent_schools": True,
                "consent_print": True}  # fmt: skip


@contextmanager
def _builder(house: House) -> Iterator[_Builder]:
    settings = Settings.from_env(house.environment)
    database = Database(settings.database_url, settings.entry_keys)
    try:
        yield _Builder(settings, database)
    finally:
        database.dispose()
