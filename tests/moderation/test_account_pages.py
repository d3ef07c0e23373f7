"""Invitations, proving oneself again, one's own account, sessions, and words kept over a sign-in."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memes import privacy
from memes.db import Database
from memes.errors import NotFound
from memes.lifecycle import State
from memes.models import DeskEvent
from moderation import accounts, door, invitations, recovery_codes, second_factor, sessions
from moderation.accounts import AccountRefused
from moderation.audit import Deed
from moderation.models import Invitation, KeptWork, Moderator
from moderation.roles import Role
from tests.moderation.conftest import SignIn
from tests.moderation.people import KEY, PASSWORD, Browser, code, in_state, moderator, token

NEW = "trois chats bleus au souk"


def deeds(database: Database) -> list[str]:
    with database.reads() as session:
        return list(session.scalars(select(DeskEvent.action).order_by(DeskEvent.seq)))


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the sessions' clock go on."""
    moment = door.clock() + int(seconds) + 1
    monkeypatch.setattr(door, "clock", lambda: moment)


def test_an_invitation_leads_to_an_account_once(app: Flask, signed_in: SignIn, database: Database) -> None:
    admin, _who = signed_in(Role.ADMIN)
    page = admin.send("/desk/people/invite", "/desk/people", email=" New@Example.org", role="safeguarding")
    found = re.search(r'data-link>http://localhost(/desk/invitation)#([^<"]+)<', page.text)
    assert found
    again = admin.get("/desk/people").text
    assert "new@example.org" in again
    assert found[2] not in again, "shown once"
    with database.reads() as session:
        kept = session.scalars(select(Invitation)).one()
        assert found[2].encode() not in kept.token_hash
        secret = pyotp.TOTP(second_factor.secret(KEY, kept.totp_seed))

    guest = Browser(app)
    assert guest.send("/desk/invitation", "/desk/invitation", token="made up").status_code == 422
    assert guest.send("/desk/invitation", found[1], token=found[2]).headers["Location"] == "/desk/join"
    weak = guest.send("/desk/join", "/desk/join", name="Salma", password="motdepasse2026", code=secret.now())
    assert weak.status_code == 422
    assert 'value="Salma"' in weak.text, "nothing but the password is typed twice"
    assert guest.send("/desk/join", "/desk/join", name="Salma", password=NEW, code="000").status_code == 422
    done = guest.send("/desk/join", "/desk/join", name="Salma", password=NEW, code=secret.now())
    codes = re.findall(r"\d{4} \d{4} \d{4}", done.text)
    assert len(set(codes)) == recovery_codes.HOW_MANY
    assert "Salma" in guest.get("/desk/account").text
    assert Browser(app).send("/desk/invitation", "/desk/invitation", token=found[2]).status_code == 422, "once"
    assert deeds(database) == [Deed.INVITE, Deed.ADD_ACCOUNT]

    paper = Browser(app)
    for expected in (303, 422):  # each code is good for one use
        paper = Browser(app)
        paper.send("/desk/sign-in", "/desk/sign-in", email="new@example.org", password=NEW)
        assert paper.send("/desk/sign-in/code", "/desk/sign-in/code", code=codes[3]).status_code == expected
    assert deeds(database)[-1] == Deed.USE_RECOVERY_CODE


def test_an_invitation_runs_out_and_is_replaced_by_a_newer_one(session: Session) -> None:
    now = privacy.now()
    first = invitations.invite(session, "new@example.org", Role.EDITOR, now)
    second = invitations.invite(session, "new@example.org", Role.ADMIN, now)
    with pytest.raises(NotFound):
        invitations.opened(session, invitations.hash_of(first), now)
    assert invitations.opened(session, invitations.hash_of(second), now).role is Role.ADMIN
    with pytest.raises(NotFound):
        invitations.opened(session, invitations.hash_of(second), now + invitations.GOOD_FOR)
    assert not invitations.waiting(session, now + invitations.GOOD_FOR)
    with pytest.raises(AccountRefused, match="known"):
        invitations.invite(session, moderator(session).email, Role.EDITOR)


def test_nobody_ends_the_last_admin(signed_in: SignIn, database: Database) -> None:
    admin, who = signed_in(Role.ADMIN)
    other, colleague = signed_in(Role.MODERATOR)
    for change in ("disable", "role"):
        answer = admin.send(f"/desk/people/{who.id}/{change}", "/desk/people", role="editor")
        assert answer.status_code == 409
    assert admin.send(f"/desk/people/{colleague.id}/role", "/desk/people", role="admin").status_code == 303
    assert other.get("/desk/").status_code == 303, "another role asks to sign in again"
    assert admin.send(f"/desk/people/{who.id}/disable", "/desk/people").status_code == 303
    assert admin.get("/desk/people").headers["Location"] == "/desk/sign-in"
    assert deeds(database) == [Deed.CHANGE_ROLE, Deed.DISABLE_ACCOUNT]
    with database.writing() as session:
        accounts.enable(session, session.get_one(Moderator, who.id))
        with pytest.raises(AccountRefused, match="known"):
            accounts.add(session, who.email, PASSWORD, Role.ADMIN)


def test_changing_accounts_asks_for_both_again_after_ten_minutes(
    signed_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, who = signed_in(Role.ADMIN)
    page = admin.get("/desk/people")
    later(monkeypatch, sessions.FRESH.total_seconds())
    sent = {"csrf_token": token(page), "email": "new@example.org", "role": "editor"}
    refused = admin.client.post("/desk/people/invite", data=sent)
    assert refused.headers["Location"] == "/desk/again?next=/desk/people"
    monkeypatch.undo()
    path = refused.headers["Location"]
    assert admin.send(path, path, password="wrong", code=code(who, steps=1)).status_code == 422
    assert admin.send(path, path, password=PASSWORD, code=code(who, steps=1)).headers["Location"] == "/desk/people"
    with database.reads() as session:
        assert session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_another_password_ends_the_other_sessions(app: Flask, signed_in: SignIn, database: Database) -> None:
    here, who = signed_in(Role.EDITOR)
    there, phone = Browser(app), "Mozilla/5.0 (iPhone) Mobile/15E148"
    there.client.environ_base["HTTP_USER_AGENT"] = phone
    assert there.sign_in(who, database).status_code == 303
    here.send("/desk/language", "/desk/account", lang="en", back="")
    assert "Phone" in here.get("/desk/account").text
    for current, new in (("wrong", NEW), (PASSWORD, "short"), (PASSWORD, "password1234")):
        assert here.send("/desk/account/password", "/desk/account", current=current, new=new).status_code == 422
    assert here.send("/desk/account/password", "/desk/account", current=PASSWORD, new=NEW).status_code == 303
    assert here.get("/desk/account").status_code == 200
    assert there.get("/desk/account").headers["Location"] == "/desk/sign-in"
    with database.reads() as session:
        account = session.get_one(Moderator, who.id)
        assert accounts.passwords.verify(account.password_hash, NEW)
        assert [row.device for row in sessions.alive(session, account)] == ["computer"]
    assert deeds(database) == [Deed.CHANGE_PASSWORD]


def test_sessions_are_ended_one_by_one_or_all_the_others(app: Flask, signed_in: SignIn, database: Database) -> None:
    here, who = signed_in(Role.MODERATOR)
    _stranger, somebody = signed_in(Role.MODERATOR)
    with database.writing() as session:  # as if signed in there
        mine = [sessions.begin(session, session.get_one(Moderator, who.id), "tablet").id for _ in range(3)]
        theirs = sessions.alive(session, session.get_one(Moderator, somebody.id))[0].id
    page = here.get("/desk/account").text
    assert all(str(one) in page for one in mine)
    for one in (mine[0], theirs):
        assert here.send(f"/desk/account/sessions/{one}/end", "/desk/account").status_code == 303
    with database.reads() as session:
        assert len(sessions.alive(session, who)) == 3
        assert len(sessions.alive(session, somebody)) == 1
    here.send("/desk/account/sessions/end-others", "/desk/account")
    with database.reads() as session:
        assert len(sessions.alive(session, who)) == 1
    assert here.get("/desk/account").status_code == 200


@pytest.mark.parametrize("same_person", [True, False])
def test_words_that_come_too_late_wait_for_their_author(
    signed_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch, same_person: bool
) -> None:
    browser, who = signed_in(Role.MODERATOR)
    with database.writing() as session:
        entry, colleague = in_state(session, State.PENDING), moderator(session)
    page = browser.get(f"/desk/entries/{entry.id}")
    later(monkeypatch, door.IDLE)
    typed = {"csrf_token": token(page), "seen": entry.version, "reason": "hate", "note": "mes mots choisis"}
    late = browser.client.post(f"/desk/entries/{entry.id}/decline", data=typed)
    assert late.headers["Location"] == "/desk/sign-in"
    monkeypatch.undo()
    entered = browser.sign_in(who if same_person else colleague, database)
    assert entered.headers["Location"] == ("/desk/kept" if same_person else "/desk/")
    shown = browser.get("/desk/kept")
    if same_person:
        assert "mes mots choisis</textarea>" in shown.text
        assert re.search(r'value="hate" checked', shown.text)
        assert browser.get("/desk/kept").headers["Location"] == "/desk/", "once"
    else:
        assert shown.headers["Location"] == "/desk/"
    with database.reads() as session:
        assert session.get_one(type(entry), entry.id).state is State.PENDING


def test_words_of_a_forged_form_or_an_ended_session_are_not_kept(signed_in: SignIn, database: Database) -> None:
    browser, who = signed_in(Role.MODERATOR)
    with database.writing() as session:
        entry = in_state(session, State.PENDING)
    good = token(browser.get("/desk/published"))
    with database.writing() as session:
        sessions.end_all(session, session.get_one(Moderator, who.id))
    for sent in (good, "made up"):
        browser.client.post(f"/desk/entries/{entry.id}/decline", data={"csrf_token": sent, "note": "planted"})
    with database.reads() as session:
        assert session.get(KeptWork, who.id) is None


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X200) Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140", "computer"),
        ("", "computer"),
    ],
)
def test_of_a_browser_only_the_kind_of_device_is_kept(agent: str, kind: str) -> None:
    assert sessions.device_of(agent) == kind


def test_a_session_is_listed_until_it_runs_out(session: Session) -> None:
    who, now = moderator(session), privacy.now()
    row = sessions.begin(session, who, "phone", now)
    assert sessions.alive(session, who, now + sessions.IDLE) == [row]
    assert sessions.alive(session, who, now + sessions.IDLE + timedelta(minutes=6)) == []
