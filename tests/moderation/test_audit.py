"""The desk's own log."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import wsgi
from memes import log, privacy
from memes.db import Database
from memes.lifecycle import State
from memes.models import DeskEvent
from memes.settings import Settings
from moderation import audit
from moderation.audit import Deed
from moderation.insight import labels
from moderation.roles import Role
from tests.moderation.conftest import SignIn
from tests.moderation.people import in_state, moderator

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_a_line_names_who_what_whom_and_the_day(session: Session) -> None:
    reader = moderator(session)
    audit.record(session, reader, Deed.VIEW_SEALED, reader.id)
    audit.record(session, None, Deed.DISABLE_ACCOUNT, reader.id)
    first, second = session.scalars(select(DeskEvent).order_by(DeskEvent.seq))
    assert (first.seq, first.actor, first.action, first.subject) == (1, str(reader.id), "view_sealed", str(reader.id))
    assert first.at == privacy.day_of(privacy.now())
    assert (second.seq, second.actor) == (2, "operator")
    # What `docs` promise to whoever checks an export with tools of their own.
    line = ["0" * 64, 1, first.actor, "view_sealed", first.subject, first.at.strftime("%Y-%m-%dT00:00:00Z")]
    assert first.digest == hashlib.sha256(json.dumps(line, separators=(",", ":")).encode()).hexdigest()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE desk_events SET subject = 'another' WHERE seq = 2",
        "UPDATE desk_events SET actor = 'somebody' WHERE seq = 2",
        "DELETE FROM desk_events WHERE seq = 2",
    ],
)
def test_a_line_that_was_changed_or_taken_out_is_found(session: Session, damage: str) -> None:
    for _ in range(3):
        audit.record(session, None, Deed.CHANGE_SETTING, "retention")
    assert log.broken_at(session, DeskEvent) is None
    session.execute(text(damage))
    session.expire_all()
    assert log.broken_at(session, DeskEvent) in (2, 3)
    assert log.broken_at(session) is None  # the other log has a chain of its own


@ONE_DATABASE
def test_no_single_letter_can_be_changed(database: Database, figure: Callable[..., None]) -> None:
    with database.writing() as session:
        for number in range(3):
            audit.record(session, None, Deed.CHANGE_SETTING, f"retention {number}")
    changed = 0
    with database.writes() as session:
        lines = session.execute(text("SELECT seq, actor, action, subject, at, digest FROM desk_events")).mappings().all()
        for line in lines:
            for column in ("actor", "action", "subject", "digest", "at"):
                for place in range(10 if column == "at" else len(line[column])):  # of its time only the day counts
                    was = str(line[column])
                    now = was[:place] + ("1" if was[place] != "1" else "2") + was[place + 1 :]
                    change = text(f"UPDATE desk_events SET {column} = :now WHERE seq = :seq")  # noqa: S608 - our own names
                    with session.begin_nested() as attempt:
                        session.execute(change, {"now": now, "seq": line["seq"]})
                        session.expire_all()
                        with suppress(ValueError):  # no longer a day at all
                            assert log.broken_at(session, DeskEvent) is not None, (column, place)
                        changed += 1
                        attempt.rollback()
        assert log.broken_at(session, DeskEvent) is None
    figure("audit.changes", changed, goal=">= 100", unit="changed letters, each found")


def test_two_sessions_write_one_chain(database: Database) -> None:
    with database.writes() as first, database.writes() as second:
        for session in (first, second, first):
            audit.record(session, None, Deed.CHANGE_SETTING, "retention")
            session.commit()
    with database.reads() as session:
        assert log.broken_at(session, DeskEvent) is None


def test_an_export_can_be_checked_by_anybody_and_a_changed_one_is_found(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        in_state(session, State.SUPPORTED)
        audit.record(session, moderator(session), Deed.VIEW_ESCALATED, uuid4())
    file, program = tmp_path / "log.jsonl", tmp_path / "check.py"
    done = CliRunner().invoke(wsgi.cli, ["audit", "export", str(file)], obj=settings)
    assert (done.exit_code, file.stat().st_mode & 0o777) == (0, 0o600)
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "audit.md").read_text(encoding="utf-8"), re.DOTALL)
    program.write_text(code, encoding="utf-8")

    def check() -> tuple[int, str]:
        told = subprocess.run([sys.executable, program, file], capture_output=True, text=True, check=False)
        return told.returncode, told.stderr or told.stdout

    assert check()[0] == 0
    assert "entries: 4 lines fit" in check()[1]
    whole = file.read_text(encoding="ascii")
    file.write_text(whole.replace("escalate", "approve", 1), encoding="ascii")
    assert check() == (1, "entries: line 3 does not fit.\n")
    file.write_text(whole[: whole.rindex("{")], encoding="ascii")
    assert check() == (1, "desk: lines are missing at the end.\n")
    assert CliRunner().invoke(wsgi.cli, ["audit", "export", str(file)], obj=settings).exit_code == 1, "never over a file"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_the_log_is_for_admins(signed_in: SignIn, role: Role) -> None:
    assert signed_in(role)[0].get("/desk/audit").status_code == 403


def test_the_log_is_read_by_entry_person_and_day_and_page_by_page(
    database: Database, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE_SIZE", 3)
    browser, admin = signed_in(Role.ADMIN)
    with database.writing() as session:
        supported, declined = in_state(session, State.SUPPORTED), in_state(session, State.DECLINED)
        audit.record(session, admin, Deed.VIEW_ESCALATED, supported.id)
        audit.record(session, None, Deed.DISABLE_ACCOUNT, admin.id)
    page = browser.get("/desk/audit?lang=en").text
    assert page.count("<tr><td>") == 3
    assert "Off topic" in page, "why something was declined"
    older = re.search(r'href="(/desk/audit\?[^"]*before=\d+)"', page)
    assert older
    further = browser.get(older[1].replace("&amp;", "&")).text
    assert further.count("<tr><td>") == 3
    assert "Off topic" not in further, "what safeguarding answered is its own matter"
    one = browser.get(f"/desk/audit?entry=https://x/desk/entries/{declined.id}").text
    assert set(re.findall(r"/desk/entries/([0-9a-f-]{36})", one)) == {str(declined.id)}
    assert browser.get("/desk/audit?person=child").text.count("<tr><td>") == 2
    assert browser.get("/desk/audit?day=2001-01-01").text.count("<tr><td>") == 0
    views = browser.get("/desk/audit?log=desk").text
    assert admin.email in views
    assert "Looked at an entry with safeguarding" in views
    assert "Server operator" in views
    assert browser.get(f"/desk/audit?log=desk&person={admin.id}&day={privacy.now().date()}").text.count("<tr><td>") == 1
    wrong = browser.get("/desk/audit?entry=%3Cb%3E&day=yesterday").text
    assert wrong.count('role="alert"') == 2
    assert 'value="&lt;b&gt;"' in wrong
    assert 'value="yesterday"' in wrong


def test_every_deed_has_its_words() -> None:
    assert set(labels._DEEDS) == set(Deed)
