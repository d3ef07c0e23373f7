"""The demo: every state is filled, by the verbs, with pictures and texts that pass the same rules as a child's."""

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import ExifTags, Image
from sqlalchemy import Select, func, select

import wsgi
from memes import articles, classes, collections, drafts, log, privacy, published, receipts, sending, uploads
from memes.db import Database
from memes.errors import ConfigurationError
from memes.lifecycle import UNDECIDED, State
from memes.models import Entry, EntryEvent
from memes.pictures import rendition_key
from memes.settings import MEGABYTE, Settings
from memes.taxonomy import taxonomy
from tests import make
from tests.fakes import MemoryStore
from workers import demo, drawings, render
from workers.images import Rendered, Rendition, UnreadableImage

drawn = cache(drawings.draw)

#: Words of a text that a child of this age would write and a class would read to the end.
WORDS = {"meme": (0, 60), "story": (30, 120), "solution": (15, 60)}


def quick_render(data: bytes) -> Rendered:
    """The real one without the cage and the sizes: what cannot be decoded is unreadable."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except OSError:
        raise UnreadableImage("damaged") from None
    size = Rendition("320.webp", 320, 240, "webp", b"clean")
    return Rendered((size,), 320, 240, False, "0" * 64, "UklGRg==", ())


@dataclass(frozen=True)
class Filled:
    """A platform after the demo."""

    settings: Settings
    database: Database
    store: MemoryStore
    planted: demo.Planted


def quick_draw(_name: str, *, traces: bool = False) -> bytes:
    """One picture for all: what planting does with it does not depend on what it shows."""
    return drawn("slow_reply" if traces else "everyone")


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Filled once for all tests that only look."""
    home = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, home / "demo.db")
    settings = Settings(
        home=home, secret_key="k" * 64, database_url=f"sqlite:///{home / 'demo.db'}", redis_url="unix:///nowhere",
        media_url=f"file://{home / 'media'}", entry_keys=make.KEYS,
    )  # fmt: skip
    database, store = Database(settings.database_url, settings.entry_keys), MemoryStore()
    yield Filled(settings, database, store, plant(settings, database, store))
    database.dispose()


def plant(settings: Settings, database: Database, store: MemoryStore) -> demo.Planted:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawings, "draw", quick_draw)
        return demo.plant(settings, database=database, store=store, render=quick_render)


def test_every_state_is_filled_and_its_receipt_opens_it(filled: Filled) -> None:
    with filled.database.reads() as session:
        counted = {row.state: row.many for row in session.execute(_count_by_state())}
        assert counted == filled.planted.states
        assert set(counted) == set(State) - {State.ERASED}  # nothing of such an entry is left to show
        assert (counted[State.APPROVED], counted[State.PENDING]) == (38, 10)
        for state, code in filled.planted.receipts.items():
            entry = sending.find(session, " ".join(receipts.grouped(code)), settings=filled.settings)
            assert entry is not None
            assert entry.state is state


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_it_fills_postgresql_too(settings: Settings, database: Database, store: MemoryStore) -> None:
    planted = plant(settings, database, store)
    with database.reads() as session:
        assert {row.state: row.many for row in session.execute(_count_by_state())} == planted.states
        assert published.published_page(session).next is not None


def test_every_picture_of_an_approved_entry_is_described_and_clean(filled: Filled) -> None:
    objects = filled.store.objects
    with filled.database.reads() as session:
        pictured = session.scalars(select(Entry).where(Entry.state == State.APPROVED, Entry.has_image)).all()
        sources = set(session.scalars(select(Entry.source).where(Entry.source.is_not(None))))
    assert len(pictured) > 20
    for entry in pictured:
        assert entry.alt
        assert entry.renditions
        assert all(rendition_key(entry.id, size["file"]) in objects for size in entry.renditions)
    # The one still `received` is all that was left untouched.
    assert len(sources) == 1
    assert {key for key in objects if key.startswith("private/")} == sources


def test_the_campaign_has_news_and_a_date_to_come_in_every_language(filled: Filled) -> None:
    with filled.database.reads() as session:
        shown = [articles.newest(session), articles.next_event(session, privacy.now().date())]
    assert [one and set(one.content.words) for one in shown] == [set(articles.LANGUAGES)] * 2


def test_teachers_have_left_collections_and_wishes(filled: Filled) -> None:
    with filled.database.reads() as session:
        shown = collections.shown(session, filled.planted.collection)
        assert shown
        assert shown.title
        assert len(shown.items) == 5
        assert len(collections.unread(session)) == len(classes.asked(session)) == 1
        assert [code.code for code in classes.in_use(session).codes] == [filled.planted.class_code]


def test_the_gallery_has_two_pages_over_the_last_month(filled: Filled) -> None:
    with filled.database.reads() as session:
        first = published.published_page(session)
        second = published.published_page(session, after=first.next)
    days = [card.published_on for card in first.cards + second.cards]
    assert first.next is not None
    assert second.cards
    assert len(set(days)) > 20
    assert privacy.now().date() - timedelta(days=31) <= min(days) <= max(days) <= privacy.now().date()


def test_a_classroom_screen_is_full_of_what_is_graded_for_it(filled: Filled) -> None:
    with filled.database.reads() as session:
        shown = {card.id for card in published.screen_cards(session)}
        not_graded = set(session.scalars(select(Entry.id).where(Entry.published_on.is_not(None), ~Entry.for_screen)))
    assert len(shown) > 30
    assert len(not_graded) == sum(not row.screen for row in demo.invented()) > 0


def test_those_who_wait_came_at_different_times_and_the_rest_only_in_a_week(filled: Filled) -> None:
    with filled.database.reads() as session:
        rows = [(row.state, row.received_at) for row in session.execute(select(Entry.state, Entry.received_at))]
        sent = set(session.scalars(select(Entry.state).where(Entry.sent_at.is_not(None))))
    assert sent == {State.RECEIVED}
    waiting = [moment for state, moment in rows if state in UNDECIDED]
    assert len(set(waiting)) == len(waiting)
    assert all(moment == privacy.week_of(moment) for state, moment in rows if state not in UNDECIDED)


def test_the_verbs_have_written_the_log(filled: Filled) -> None:
    with filled.database.reads() as session:
        assert log.broken_at(session) is None
        assert set(session.scalars(select(EntryEvent.actor))) == {log.CHILD, log.WORKER, demo.ACTOR, demo.SECOND_ACTOR}


def test_a_second_run_refuses_and_changes_nothing(filled: Filled) -> None:
    before = dict(filled.store.objects)
    with pytest.raises(demo.NotEmpty):
        plant(filled.settings, filled.database, filled.store)
    with filled.database.reads() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == filled.planted.states.total()
    assert filled.store.objects == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_production_refuses_it(settings: Settings, database: Database, store: MemoryStore) -> None:
    strict = replace(settings, production=True)
    with pytest.raises(ConfigurationError):
        plant(strict, database, store)
    answer = CliRunner().invoke(wsgi.cli, ["demo"], obj=strict)
    assert (answer.exit_code, store.objects) == (1, {})
    assert "production" in answer.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_prints_three_receipts_to_try_and_then_that_it_is_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "render_in_child", quick_render)
    monkeypatch.setattr(drawings, "draw", quick_draw)
    answer = CliRunner().invoke(wsgi.cli, ["demo"], obj=settings)
    codes = [line.strip()[:19] for line in answer.output.splitlines() if line.startswith("  ")]
    assert answer.exit_code == 0, answer.output
    assert [receipts.parse(code) is not None for code in codes] == [True] * 3
    again = CliRunner().invoke(wsgi.cli, ["demo"], obj=settings)
    assert (again.exit_code, again.output.strip()) == (0, "There are entries already, so no invented ones are added.")


@pytest.mark.parametrize(
    "row", demo.invented(), ids=lambda row: f"{row.state}-{row.draft.caption or row.draft.text[:20]}"
)
def test_each_text_passes_the_rules_and_is_as_long_as_a_child_writes(row: demo.Invented) -> None:
    draft = row.draft.cleaned()
    has_image = row.drawing is not None or row.state is State.UNREADABLE
    assert drafts.problems(draft, has_image=has_image) == {}
    assert draft == row.draft
    least, most = WORDS[draft.kind]
    assert least <= len(draft.text.split()) <= most
    assert len(draft.caption) <= 80
    assert bool(draft.alt) == bool(draft.caption) == has_image
    assert row.reason is None or row.reason in taxonomy().reasons
    assert bool(row.note) == (row.reason == "other")


def test_what_is_public_covers_every_theme_kind_and_age_in_four_tongues() -> None:
    shown = [row.draft for row in demo.invented() if row.state is State.APPROVED]
    assert {draft.theme for draft in shown} == set(taxonomy().themes)
    assert {draft.kind for draft in shown} == set(taxonomy().kinds)
    assert {draft.age for draft in shown} == {"9-11", "12-14", "15-18", None}
    assert {draft.language for draft in shown} == {"ar", "ary", "fr", "en"}


def test_every_drawing_is_used_and_every_used_one_exists() -> None:
    assert {row.drawing for row in demo.invented() if row.drawing} == set(drawings.names())


def test_drawings_differ_move_slowly_and_pass_as_uploads() -> None:
    files = [drawings.draw(name) for name in drawings.names()]
    assert len(set(files)) == len(files) >= 24
    for data in files:
        found = uploads.inspect(io.BytesIO(data), limit=MEGABYTE)
        assert max(found.width, found.height) <= 1600
        with Image.open(io.BytesIO(data)) as image:
            frames = getattr(image, "n_frames", 1)
            assert (frames > 1) == (image.format == "GIF")
            for frame in range(frames if frames > 1 else 0):
                image.seek(frame)
                assert image.info["duration"] >= 200


@pytest.mark.parametrize(("name", "traces"), [("everyone", False), ("slow_reply", False), ("padlock", True)])
def test_a_drawing_is_the_same_each_time(name: str, traces: bool) -> None:
    assert drawings.draw(name, traces=traces) == drawings.draw(name, traces=traces)


def test_an_unknown_drawing_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        drawings.draw("nothing")


def test_the_photographs_hold_traces_and_the_cage_finds_them() -> None:
    data = drawn("padlock", traces=True)
    with Image.open(io.BytesIO(data)) as image:
        assert image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert {"place", "time", "device"} <= set(render.render_in_child(data).removed)


def test_the_cage_takes_a_moving_drawing_and_calls_the_broken_one_unreadable() -> None:
    assert render.render_in_child(drawn("typing")).animated
    with pytest.raises(UnreadableImage):
        render.render_in_child(demo._broken())


def test_the_web_process_loads_no_picture_library_for_the_sake_of_a_command() -> None:
    code = "import sys, wsgi; sys.exit('PIL' in sys.modules or 'workers.demo' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def _count_by_state() -> Select[Any]:
    return select(Entry.state, func.count().label("many")).group_by(Entry.state)
