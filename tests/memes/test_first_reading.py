"""A teacher reads first: what they see, what never comes to them, and that nothing of it is left afterwards."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from memes import backup, backup_keys, classes, consents, entries, envelope, first_reading, log, privacy
from memes.consents import Consents
from memes.db import Database
from memes.first_reading import KEPT, LEAST, Remark
from memes.lanes import Lane
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.school_models import ClassCode
from moderation import backlog, desk
from moderation.roles import Role
from tests import make
from tests.fakes import MemoryStore
from tests.memes.test_intake import fields
from tests.moderation.people import moderator
from workers import housekeeping

KEY = "k" * 64
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

#: A day at noon, so that some hours more are still the same one.
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

Later = Callable[..., None]


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """The clock: noon, and from then on so many days or hours later."""
    clock: Later = lambda **times: monkeypatch.setattr(privacy, "now", lambda: NOON + timedelta(**times))  # noqa: E731
    clock()
    return clock


def a_code(session: Session) -> tuple[ClassCode, str]:
    """A code whose teacher reads first, and the teacher's key."""
    wish, key = classes.ask(session, KEY, region="MA-07", age="12-14", expected=30, teacher_first=True, at_once=True)
    return wish, key


def a_class(session: Session, number: int = LEAST) -> tuple[ClassCode, list[Entry]]:
    """A code, and what came through it."""
    code, _key = a_code(session)
    return code, [make.pending(session, text=f"told {one}", first_reader=code.id) for one in range(number)]


def kept(session: Session, entry: Entry) -> Entry:
    return session.get_one(Entry, entry.id, populate_existing=True)


def test_on_the_day_after_the_teacher_sees_at_least_five_and_nothing_appears_by_itself(session: Session, later: Later) -> None:
    code, sent = a_class(session, LEAST - 1)
    later(days=1)
    assert not first_reading.shown(session, code.id), "too few"
    sent.append(make.pending(session, first_reader=code.id))
    assert not first_reading.shown(session, code.id), "the fifth came today"
    later(days=2)
    assert {entry.id for entry in first_reading.shown(session, code.id)} == {entry.id for entry in sent}
    make.pending(session, first_reader=code.id)
    later(days=2, hours=20)
    assert len(first_reading.shown(session, code.id)) == LEAST
    other, _key = a_code(session)
    assert not first_reading.shown(session, other.id)


def test_nothing_that_waits_for_a_teacher_is_at_the_desk(session: Session) -> None:
    _code, sent = a_class(session)
    reader = moderator(session)
    assert not backlog.waiting(session, backlog.Wish(reader)).rows
    assert {(entry.state, entry.lane, entry.waits_since) for entry in sent} == {(State.PENDING, None, None)}
    assert not desk.may_look(Role.SAFEGUARDING, sent[0])


def test_passing_on_leaves_an_entry_as_any_other(session: Session, later: Later) -> None:
    code, sent = a_class(session)
    usual = make.pending(session)
    later(days=1)
    first_reading.shown(session, code.id)
    assert first_reading.pass_on(session, sent[0].id, code.id)
    assert not first_reading.pass_on(session, sent[0].id, code.id), "twice"
    columns = [column.key for column in inspect(Entry).columns if column.key not in ("id", "text")]
    passed = kept(session, sent[0])
    assert {name: getattr(passed, name) for name in columns} == {name: getattr(usual, name) for name in columns}
    lines = [[(event.action, event.version) for event in log.of_entry(session, one.id)] for one in (passed, usual)]
    assert lines[0] == lines[1], "no line and no version tells of the teacher"


@pytest.mark.parametrize(("remark", "lane"), [(None, Lane.ORDINARY), (Remark.NAMES, Lane.ORDINARY), (Remark.WORRIED, Lane.DANGER)])
def test_a_worry_is_read_before_all_others(session: Session, later: Later, remark: Remark | None, lane: Lane) -> None:
    code, sent = a_class(session)
    later(days=1)
    first_reading.shown(session, code.id)
    first_reading.pass_on(session, sent[0].id, code.id, remark)
    entry = kept(session, sent[0])
    assert (entry.lane, entry.signals) == (lane, [remark.value] if remark else [])


def test_a_teacher_passes_on_only_what_was_shown_and_only_their_own(session: Session, later: Later) -> None:
    code, sent = a_class(session)
    other, _key = a_code(session)
    later(days=1)
    assert not first_reading.pass_on(session, sent[0].id, code.id), "not shown yet"
    first_reading.shown(session, code.id)
    assert not first_reading.pass_on(session, sent[0].id, other.id)


@pytest.mark.parametrize(
    ("words", "faces"),
    [({"text": "je veux mourir"}, []), ({"theme": "sextortion"}, []), ({"theme": "image_abuse"}, []), ({}, [[0.1, 0.1, 0.2, 0.2]])],
)
def test_danger_and_what_calls_for_help_never_wait_for_a_teacher(
    session: Session, store: MemoryStore, words: dict[str, Any], faces: list[list[float]]
) -> None:
    code, _key = a_code(session)
    entry = make.received(session, image=b"picture", store=store, first_reader=code.id, **words)
    clean = make.clean_image(entry.id, b"clean", store)
    entries.settle(session, entry.id, entry.source, entries.CleanImage(
        clean.renditions, animated=False, placeholder="", likeness="", removed=(), faces=faces), store=store)  # fmt: skip
    assert entry.lane is not None
    assert entry.first_reader is None


def test_after_three_days_or_with_the_code_it_goes_to_the_team(database: Database, later: Later) -> None:
    with database.writing() as session:
        code, sent = a_class(session)
        ended, others = a_class(session, 1)
        later(days=1)
        first_reading.shown(session, code.id)
        classes.end(session, ended.id)
    assert housekeeping.hand_over(database) == 1
    later(days=KEPT.days)
    assert housekeeping.hand_over(database) == 0
    later(days=KEPT.days, minutes=1)
    assert housekeeping.hand_over(database) == LEAST
    with database.reads() as session:
        for entry in (*sent, *others):
            found = kept(session, entry)
            assert (found.lane, found.first_reader, found.first_shown, found.version) == (Lane.ORDINARY, None, None, 2)
            assert found.waits_since == NOON


def test_a_child_takes_it_back_while_the_teacher_passes_it_on(database: Database, later: Later, store: MemoryStore) -> None:
    with database.writing() as session:
        code, sent = a_class(session)
        later(days=1)
        first_reading.shown(session, code.id)
    with database.reads() as child:
        loaded = child.get_one(Entry, sent[0].id)
    with database.writing() as teacher:
        assert first_reading.pass_on(teacher, sent[0].id, code.id, Remark.WORRIED)
    with database.writing() as child:
        child.add(loaded)
        entries.withdraw(child, loaded, store=store)
    with database.writing() as session:
        found = kept(session, sent[0])
        assert (found.state, found.lane, found.waits_since) == (State.WITHDRAWN, None, None)
        assert (found.signals, found.priority, found.first_reader) == ([], 0, None)
        assert not first_reading.pass_on(session, sent[0].id, code.id)


def test_what_is_allowed_can_be_chosen_while_it_waits_and_brings_no_link_back(
    database: Database, later: Later, store: MemoryStore
) -> None:
    with database.writing() as session:
        code, sent = a_class(session)
        later(days=1)
        first_reading.shown(session, code.id)
    with database.reads() as child:
        loaded = child.get_one(Entry, sent[0].id)
    with database.writing() as teacher:
        first_reading.pass_on(teacher, sent[0].id, code.id)
    with database.writing() as child:
        child.add(loaded)
        consents.choose(child, loaded, Consents(gallery=True, schools=False, printing=False), store=store)
    with database.writing() as session:
        found = kept(session, sent[0])
        assert (found.lane, found.first_reader, found.consent_print) == (Lane.ORDINARY, None, False)
        consents.choose(session, kept(session, sent[1]), Consents(gallery=False, schools=False, printing=False), store=store)
        assert (sent[1].id in {one.id for one in first_reading.shown(session, code.id)}) is True
        assert log.broken_at(session) is None


def test_a_backup_does_not_know_which_code_and_what_it_brings_back_goes_to_the_team(
    database: Database, store: MemoryStore, tmp_path: Any
) -> None:
    with database.writing() as session:
        code, sent = a_class(session)
    secret, public = envelope.new_key()
    file = io.BytesIO()
    backup.write(database, store, file, public)
    file.seek(0)
    backup_keys.write(database, keys := io.BytesIO(), public)
    keys.seek(0)
    with Database(f"sqlite:///{tmp_path / 'elsewhere.db'}", make.KEYS) as elsewhere:
        backup.read(elsewhere, MemoryStore(), file, secret, keys)
        with elsewhere.reads() as session:
            assert set(session.scalars(select(Entry.first_reader))) == {None}
        assert housekeeping.hand_over(elsewhere) == LEAST
        with elsewhere.reads() as session:
            assert {kept(session, entry).lane for entry in sent} == {Lane.ORDINARY}
    assert code.id


# --- The pages ----------------------------------------------------------------------------------------------------------


def ask_for_code(client: FlaskClient, database: Database) -> tuple[str, str]:
    """The code and the teacher's key, through the page."""
    page = client.post("/en/schools/code/ask", data={"expected": "30", "teacher_first": "y"}).text
    key = re.search(r"schools/code#(\d{16})", page)
    assert key
    with database.writing() as session:
        wish = session.scalars(select(ClassCode)).one()
        assert wish.teacher_first
        return classes.grant(session, wish.id).code or "", key[1]


@ONE_DATABASE
def test_a_child_is_told_before_sending_and_can_send_without_the_code(client: FlaskClient, database: Database) -> None:
    code, _key = ask_for_code(client, database)
    told = "The teacher of this class reads it first"
    assert re.search(rf"data-reads-first[^>]* hidden>.*{told}", client.get("/en/share/story").text)
    asked = client.post("/en/share/story", data=fields(text="all my words", class_code=code))
    assert asked.status_code == 422
    assert re.search(rf'data-reads-first role="alert"[^>]*>.*{told}', asked.text)
    assert 'name="first_told" value="yes"' in asked.text
    assert "all my words</textarea>" in asked.text
    thanks = "The teacher of the class reads it first, then the team."
    without = client.post("/en/share/story", data=fields(text="without", class_code="", first_told="yes"))
    assert (without.status_code, thanks in without.text) == (200, False)
    sent = client.post("/en/share/story", data=fields(text="all my words", class_code=code, first_told="yes"))
    assert (sent.status_code, thanks in sent.text) == (200, True)
    with database.writing() as session:
        waiting = {entry.text: entry for entry in session.scalars(select(Entry))}
        assert waiting["without"].first_reader is None
        entries.settle(session, waiting["all my words"].id, None, None, store=MemoryStore())
    receipt = re.search(r'name="receipt" value="(\d{16})"', sent.text)
    assert receipt
    assert "Your creation is being read" in client.post("/en/receipt", data={"receipt": receipt[1]}).text


@ONE_DATABASE
def test_a_cry_for_help_is_not_held_up_by_a_question(client: FlaskClient, database: Database) -> None:
    code, _key = ask_for_code(client, database)
    sent = client.post("/fr/share/story", data=fields(text="je veux mourir", class_code=code))
    assert sent.status_code == 200
    assert "lit d'abord" not in sent.text
    with database.reads() as session:
        assert session.scalars(select(Entry)).one().first_reader is None


@ONE_DATABASE
def test_a_program_says_that_the_child_knows(client: FlaskClient, database: Database) -> None:
    code, _key = ask_for_code(client, database)
    data = fields(kind="story", class_code=code, consent_gallery="true")
    refused = client.post("/api/v1/entries", data=data)
    assert (refused.status_code, refused.json["errors"]) == (422, {"class_code": "teacher_reads_first"})
    assert client.post("/api/v1/entries", data=data | {"teacher_reads": "true"}).status_code == 201


@ONE_DATABASE
def test_the_teacher_reads_words_and_pictures_and_nothing_else(
    client: FlaskClient, database: Database, store: MemoryStore, later: Later
) -> None:
    code, key = ask_for_code(client, database)
    with database.writing() as session:
        wish = session.scalars(select(ClassCode)).one()
        for one in range(LEAST):
            make.pending(session, store=store, image=b"a picture", caption=f"caption {one}", text="", kind="meme",
                         nickname="brave-fox", region="MA-03", age="9-11", mood="sad", first_reader=wish.id)  # fmt: skip
    assert "Nothing to read now" in client.post("/en/schools/code/read", data={"key": key}).text
    assert f"#class={code}&amp;first" in client.post("/en/schools/code/open", data={"key": key}).text
    later(days=1)
    answer = client.post("/en/schools/code/read", data={"key": key})
    page = answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert page.count("data:image/webp;base64,") == page.count("<article") == LEAST
    for secret in ("MA-03", "9-11", "2026", "brave-fox", code):
        assert secret not in page.partition("<main")[2].partition("</main")[0], secret
    ids = re.findall(r'name="entry" value="([0-9a-f-]{36})"', page.partition("</article>")[0])
    passed = client.post("/en/schools/code/pass-on", data={"key": key, "entry": ids[0], "remark": "reader_worried"})
    assert "It has gone to the team." in passed.text
    assert passed.text.count("<article") == LEAST - 1
    every = re.findall(r'name="entry" value="([0-9a-f-]{36})"', passed.text)
    emptied = client.post("/en/schools/code/pass-on", data={"key": key, "entry": every, "remark": "decline"})
    assert "Nothing to read now" in emptied.text
    with database.reads() as session:
        assert [lane for lane in session.scalars(select(Entry.lane).order_by(Entry.lane))] == [
            Lane.DANGER, *[Lane.ORDINARY] * (LEAST - 1),
        ]  # fmt: skip
        assert {event.action for entry in session.scalars(select(Entry)) for event in log.of_entry(session, entry.id)} == {
            Action.SUBMIT, Action.SETTLE,
        }  # fmt: skip
    assert client.post("/en/schools/code/read", data={"key": "1" * 16}).status_code == 404
