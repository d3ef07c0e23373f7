"""The page on which an admin sets how the platform runs."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from memes import privacy, running
from memes.db import Database
from memes.lifecycle import State
from memes.models import DeskEvent, Entry
from moderation.models import DeskSession
from moderation.roles import Role
from tests.moderation.conftest import SignIn
from tests.moderation.people import in_state

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = "/desk/settings"


def seen(page: str, name: str) -> str:
    """The version of a setting that stands in its form."""
    found = re.search(rf'<form id="{name}".*?name="seen" value="(\d+)"', page, re.DOTALL)
    assert found
    return found[1]


def test_a_change_is_kept_shown_written_down_and_seen_outside(app: Flask, database: Database, signed_in: SignIn) -> None:
    admin, who = signed_in(Role.ADMIN)
    assert app.test_client().get("/fr/share").status_code == 200
    version = seen(admin.get(PAGE).text, "window")
    done = admin.send(f"{PAGE}/window", PAGE, seen=version, **{"from": "", "to": "2020-01-01"})
    assert (done.status_code, done.headers["Location"]) == (303, f"{PAGE}#window")
    assert app.test_client().get("/fr/share").status_code == 503
    assert 'value="2020-01-01"' in admin.get(PAGE).text
    with database.reads() as session:
        line = session.scalars(select(DeskEvent).order_by(DeskEvent.seq.desc())).first()
        assert line
        assert (line.actor, line.action, line.subject) == (str(who.id), "change_setting", "window: none 2020-01-01")
    assert "window: none 2020-01-01" in admin.get("/desk/audit?log=desk").text


def test_every_form_means_what_it_shows(database: Database, signed_in: SignIn) -> None:
    admin, _who = signed_in(Role.ADMIN)
    sent: dict[str, dict[str, object]] = {
        "languages": {"languages": ["fr", "en"]}, "themes_hidden": {"themes": ["hacking", "rumours"]},
        "hours": {"from": "08:00", "to": "20:00"}, "photos": {"photos": "no"}, "batch_hour": {"batch_hour": "18"},
        "open_enrolment": {"open_enrolment": "yes"},
        "banner": {"banner-ar": "مرحبا", "banner-fr": "Bonjour", "banner-en": "Hello"},
        "keep_days": {"declined": "30", "withdrawn": " "},
    }  # fmt: skip
    for name, fields in sent.items():
        assert admin.send(f"{PAGE}/{name}", PAGE, seen=0, **fields).status_code == 303, name
    with database.reads() as session:
        found = running.plain(running.read(session))
    assert len(found["themes_hidden"]) == 11
    assert found | {"themes_hidden": []} == {
        "languages": ["fr", "en"], "themes_hidden": [], "hours": ["08:00", "20:00"], "photos": False, "batch_hour": 18,
        "banner": {"ar": "مرحبا", "fr": "Bonjour", "en": "Hello"}, "keep_days": {"declined": 30}, "window": [None, None],
        "open_enrolment": True,
    }  # fmt: skip


def test_what_cannot_be_stays_in_its_form_with_a_sentence(database: Database, signed_in: SignIn) -> None:
    admin, _who = signed_in(Role.ADMIN)
    for name, fields, typed in (
        ("hours", {"from": "20:00", "to": "08:00"}, 'value="20:00"'),
        ("banner", {"banner-ar": "", "banner-fr": "Seulement ici", "banner-en": ""}, "Seulement ici"),
        ("keep_days", {"declined": "longtemps"}, 'value="longtemps"'),
        ("languages", {}, "languages-error"),
    ):
        answer = admin.send(f"{PAGE}/{name}", PAGE, seen=0, **fields)
        assert answer.status_code == 422, name
        assert typed in answer.text
        assert f'id="{name}-error"' in answer.text
    with database.reads() as session:
        assert set(running.versions(session).values()) == {0}
        assert not session.scalars(select(DeskEvent).where(DeskEvent.action == "change_setting")).all()


def test_who_comes_second_is_shown_what_the_first_one_set(signed_in: SignIn) -> None:
    first, _who = signed_in(Role.ADMIN)
    second, _who = signed_in(Role.ADMIN)
    assert first.send(f"{PAGE}/batch_hour", PAGE, seen=0, batch_hour="18").status_code == 303
    answer = second.send(f"{PAGE}/batch_hour", PAGE, seen=0, batch_hour="7")
    assert answer.status_code == 409
    assert re.search(r'<option value="18" selected>', answer.text)


def test_whoever_sits_down_at_an_open_desk_sets_nothing(database: Database, signed_in: SignIn) -> None:
    admin, _who = signed_in(Role.ADMIN)
    with database.writing() as session:
        session.execute(update(DeskSession).values(proved_at=privacy.now() - timedelta(minutes=11)))
    for answer in (admin.get(PAGE), admin.send(f"{PAGE}/photos", "/desk/account", seen=0, photos="no")):
        assert answer.headers["Location"] == "/desk/again?next=/desk/settings"


def test_a_batch_is_told_at_the_desk_and_the_yes_can_be_taken_back(database: Database, signed_in: SignIn) -> None:
    with database.writing() as session:
        running.change(session, "batch_hour", 0, 0)
        entry = in_state(session, State.PENDING, text="Demain.")
    reader, _who = signed_in(Role.MODERATOR)
    reader.get("/desk/?lang=en")
    assert reader.decide(entry.id, "approve", seen=entry.version).status_code == 303
    page = reader.get("/desk/published").text
    assert "It will be shown with the batch of" in page
    assert f"/desk/entries/{entry.id}" in page.partition('id="due"')[2]
    assert "Shown on" in reader.get(f"/desk/entries/{entry.id}?lang=en").text
    editor, _who = signed_in(Role.EDITOR)
    assert str(entry.id) not in editor.get("/desk/published").text, "who reads nothing that waits"
    reader.send(f"/desk/entries/{entry.id}/undo", "/desk/published")
    with database.reads() as session:
        kept = session.get_one(Entry, entry.id)
        assert (kept.state, kept.due_on) == (State.PENDING, None)


def test_what_is_erased_soon_is_shown_by_day_and_state(database: Database, signed_in: SignIn) -> None:
    with database.writing() as session:
        in_state(session, State.DECLINED)
        running.change(session, "keep_days", {"declined": 1}, 0)
    admin, _who = signed_in(Role.ADMIN)
    page = admin.get(f"{PAGE}/due?lang=en").text
    due = privacy.week_of(privacy.now()).date() + timedelta(days=8)
    assert re.search(rf"{due.isoformat()}.*Not published", page, re.DOTALL)
