"""The numbers of what is public are those that counting gives, whatever happens; and filters that find few find all of it."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from memes import entries, privacy, public_totals, published, publishing, search, verify
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.public_totals import PublicTotal
from tests import make
from tests.fakes import MemoryStore

THEMES, LANGUAGES, AGES = ("exclusion", "rumours", "harassment"), ("ar", "fr", "zgh"), ("9-11", "15-18", None)

STEPS = ("send",) * 4 + ("approve",) * 4 + ("screen", "theme", "schools", "down", "back", "gone", "later", "batch")


def kept(database: Database) -> set[tuple[object, ...]]:
    with database.reads() as session:
        return {tuple(row) for row in session.execute(select(*PublicTotal.__table__.columns))}


def any_of(session: Session, chance: random.Random, *where: object) -> Entry | None:
    found = session.scalars(select(Entry).where(*where).order_by(Entry.id)).all()  # type: ignore[arg-type]
    return chance.choice(found) if found else None


def one_step(session: Session, chance: random.Random) -> None:
    """Something happens: sent, approved, taken down, taken back, changed in place, erased."""
    here = any_of(session, chance, Entry.published_on.is_not(None))
    step = chance.choice(STEPS)
    if step == "send":
        make.pending(session, theme=chance.choice(THEMES), language=chance.choice(LANGUAGES), age=chance.choice(AGES),
                     consent_schools=chance.random() < 0.6, consent_gallery=chance.random() < 0.8)  # fmt: skip
    elif step == "approve" and (one := any_of(session, chance, Entry.state == State.PENDING)):
        entries.transition(session, one, Action.APPROVE, actor="m")
    elif step == "batch":
        publishing.publish_due(session)
    elif here is None:
        return
    elif step in ("screen", "theme", "schools"):
        name, value = {"screen": ("for_screen", not here.for_screen), "theme": ("theme", chance.choice(THEMES)),
                       "schools": ("consent_schools", not here.consent_schools)}[step]  # fmt: skip
        session.execute(update(Entry).where(Entry.id == here.id).values({name: value}))
    elif step in ("down", "back"):
        entries.transition(session, here, Action.TAKE_DOWN if step == "down" else Action.WITHDRAW, actor="m")
    elif step == "later":
        session.execute(update(Entry).where(Entry.id == here.id).values(published_on=None, due_on=privacy.now().date()))
    else:
        session.execute(delete(Entry).where(Entry.id == here.id))


def test_the_numbers_are_those_that_counting_gives(database: Database) -> None:
    chance, seen = random.Random(7), 0  # noqa: S311
    for round_ in range(25):
        with database.writes() as session:
            for _step in range(8):
                one_step(session, chance)
                session.flush()
                session.expire_all()
            session.rollback() if round_ % 5 == 4 else session.commit()
        with database.reads() as session:
            assert public_totals.are_right(session)
        seen = max(seen, len(kept(database)))
    assert seen > 2
    with database.writing() as session:
        session.execute(delete(Entry))
    assert not kept(database), "not even a row that says nothing"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_publishes_holds_the_word_before_any_number(session: Session) -> None:
    """So two who publish wait for each other there, in a row. PostgreSQL goes by the names."""
    names = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'entries'::regclass AND NOT tgisinternal AND tginitdeferred ORDER BY 1"
    events = ("delete", "insert", "update")
    wanted = [f"public_{which}_entries_{event}" for which in ("state", "totals") for event in events]
    assert session.scalars(text(names)).all() == wanted


def test_numbers_that_are_wrong_are_told(database: Database) -> None:
    with database.writing() as session:
        entries.transition(session, make.pending(session), Action.APPROVE, actor="m")
        session.commit()
        assert not list(verify.faults(session, MemoryStore()))
        session.execute(update(PublicTotal).values(number=2))
        assert "public_totals" in "".join(verify.faults(session, MemoryStore()))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_emptied_table_has_no_numbers(database: Database) -> None:
    with database.writing() as session:
        entries.transition(session, make.pending(session), Action.APPROVE, actor="m")
    assert kept(database)
    with database.writing() as session:
        session.execute(text("TRUNCATE entries CASCADE"))
    assert not kept(database)


def test_who_has_written_much_counts_it_once(database: Database) -> None:
    with database.writing() as session:
        for theme in ("exclusion", "exclusion", "rumours"):
            entries.transition(session, make.pending(session, theme=theme), Action.APPROVE, actor="m")
        public_totals.count_anew(session.connection())
    assert sorted(int(str(row[4])) for row in kept(database)) == [1, 2], "and nothing is added up a second time at the commit"
    with database.writing() as session:
        entries.transition(session, make.pending(session, theme="rumours"), Action.APPROVE, actor="m")
    assert sorted(int(str(row[4])) for row in kept(database)) == [2, 2], "the next one adds up again"


def test_filters_that_find_few_and_those_that_find_many_find_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        for place in range(40):
            entry = make.pending(
                session, kind="story" if place % 3 else "solution", theme=THEMES[place % 2], language=LANGUAGES[place % 5 > 3],
                age=AGES[place % 3], consent_schools=bool(place % 4), text="école" if place > 30 else "maison",
            )  # fmt: skip
            entries.transition(session, entry, Action.APPROVE, actor="m")
            entry.for_screen, entry.published_on = place % 8 == 1, (privacy.now() - timedelta(days=place // 6)).date()
            session.flush()
            search.keep(session, entry)
    asked: list[dict[str, str | tuple[str, ...]]] = [
        {}, {"theme": "exclusion"}, {"theme": "harassment"}, {"language": "fr"}, {"age": "15-18"},
        {"kind": "solution", "age": "9-11"}, {"theme": ("exclusion", "harassment"), "language": ("ar", "zgh")},
        {"kind": "story", "theme": "rumours", "language": "ar", "age": "none"},
    ]  # fmt: skip
    monkeypatch.setattr(published, "SCREEN_SIZE", 2)
    found = []
    for few in (0, public_totals.FEW):
        monkeypatch.setattr(public_totals, "FEW", few)
        with database.reads() as session:
            graded = session.scalars(select(Entry.id).where(Entry.for_screen).order_by(Entry.id)).all()
            found.append([
                (pages(session, filters), pages(session, filters, schools=True), pages(session, filters, find="ecole"),
                 [card.id for card in published.screen_cards(session, filters)],  # type: ignore[arg-type]
                 [card.id for card in published.screen_cards(session, filters, chosen=graded)])  # type: ignore[arg-type]
                for filters in asked
            ])  # fmt: skip
    assert found[0] == found[1]
    sizes = [tuple(len(ids) for ids in one) for one in found[0]]
    assert sizes[0] == (40, 30, 9, 2, 5)
    assert sizes[2] == sizes[-1] == (0, 0, 0, 0, 0)


def pages(session: Session, filters: dict[str, str | tuple[str, ...]], **more: Any) -> list[object]:
    """All ids, page by page."""
    found: list[object] = []
    after = None
    while True:
        page = published.published_page(session, filters, after=after, limit=3, **more)
        found += [card.id for card in page.cards]
        after = page.next
        if after is None:
            return found
