"""Similar pictures beside an entry: shown with what was decided, and only to who may know."""

from uuid import uuid4

from flask import Flask

from memes import entries, likenesses
from memes.db import Database
from memes.lifecycle import Action, State
from memes.likenesses import Alike
from memes.models import Entry, EntryEvent
from moderation.roles import Role
from tests import make
from tests.fakes import MemoryStore
from tests.moderation.conftest import SignIn

SAME = 'data-key="d"'  # the card's one key
GUARDED = "A similar picture was decided by safeguarding"


def cousin(
    database: Database, store: MemoryStore, way: list[Action], reason: str | None = None, bits: int = 3
) -> Entry:
    """An entry with a picture that went `way`, and one that waits and looks like it."""
    with database.writing() as session:
        first = make.pending(session, image=b"picture", store=store, kind="meme")
        known = likenesses.keep(session, first.id, first.id.bytes * 2)
        for action in way:
            entries.transition(session, first, action, actor=str(uuid4()), reason=reason)
        waiting = make.pending(session, image=b"picture", store=store, kind="meme")
        likenesses.keep(session, waiting.id, waiting.id.bytes * 2)
        likenesses.link(session, waiting.id, [Alike(known.id, bits, turned=True)])
        return waiting


def test_what_was_refused_for_harm_is_refused_again_with_one_glance(
    app: Flask, database: Database, store: MemoryStore, signed_in: SignIn
) -> None:
    waiting = cousin(database, store, [Action.DECLINE], "hate")
    browser, who = signed_in(Role.MODERATOR)
    page = browser.get(f"/desk/entries/{waiting.id}?lang=en").text
    assert SAME in page
    assert page.count("Hate or discrimination</strong>") == 1
    assert page.count("flipped or turned") == 2
    browser.decide(waiting.id, "decline", seen=waiting.version, reason="hate")
    with database.reads() as session:
        after = session.get_one(Entry, waiting.id)
        assert (after.state, after.reason) == (State.DECLINED, "hate")
        last = session.query(EntryEvent).order_by(EntryEvent.seq.desc()).first()
        assert last is not None
        assert last.actor == str(who.id), "a person decided"


def test_a_cousin_without_harm_is_shown_without_alarm_and_with_its_picture_only_while_it_may_be_seen(
    app: Flask, database: Database, store: MemoryStore, signed_in: SignIn
) -> None:
    browser, _ = signed_in(Role.MODERATOR)
    published = browser.get(f"/desk/entries/{cousin(database, store, [Action.APPROVE]).id}?lang=en").text
    assert "Similar pictures" in published
    assert published.count("/media/320.webp") == 2
    declined = browser.get(f"/desk/entries/{cousin(database, store, [Action.DECLINE], 'off_topic').id}?lang=en").text
    assert "Off topic" in declined
    assert declined.count("/media/320.webp") == 1
    assert SAME not in published + declined


def test_what_safeguarding_decided_is_told_in_one_sentence_to_others(
    app: Flask, database: Database, store: MemoryStore, signed_in: SignIn
) -> None:
    ways = [[Action.ESCALATE], [Action.ESCALATE, Action.SUPPORT], [Action.SEAL]]
    waiting = [cousin(database, store, way, "sexual") for way in ways]
    browser, _ = signed_in(Role.ADMIN)
    lead, _ = signed_in(Role.SAFEGUARDING)
    for entry in waiting:
        page = browser.get(f"/desk/entries/{entry.id}?lang=en").text
        assert GUARDED in page
        assert "Similar pictures" not in page
        assert SAME not in page
        told = lead.get(f"/desk/entries/{entry.id}?lang=en").text
        assert GUARDED not in told
        assert "Sexual or intimate content" in told
        assert told.count("/media/320.webp") == (2 if entry is waiting[0] else 1)


def test_a_cousin_that_was_taken_back_leads_nowhere_and_one_that_came_later_is_shown_too(
    app: Flask, database: Database, store: MemoryStore, signed_in: SignIn
) -> None:
    waiting = cousin(database, store, [Action.DECLINE], "violence")
    browser, _ = signed_in(Role.MODERATOR)
    with database.writing() as session:
        first = session.query(Entry).filter(Entry.state == State.DECLINED).one()
        entries.withdraw(session, first, store=store)
    page = browser.get(f"/desk/entries/{waiting.id}?lang=en").text
    assert SAME in page
    assert "taken back since" in page
    assert str(first.id) not in page
    early = cousin(database, store, [])
    with database.reads() as session:
        known = session.query(Entry).filter(Entry.state == State.PENDING, Entry.id.not_in([waiting.id, early.id])).one()
    assert f"/desk/entries/{early.id}" in browser.get(f"/desk/entries/{known.id}?lang=en").text
