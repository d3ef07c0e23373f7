"""The desk's doors, as OWASP ASVS 5.0 asks for them (docs/asvs.csv), where no other test is about it."""

import inspect
import json
import logging
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from zxcvbn.frequency_lists import FREQUENCY_LISTS

import wsgi
from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from moderation import invitations, passkeys, passwords, recovery_codes, second_factor, sessions
from moderation.models import Moderator, RecoveryCode
from moderation.roles import Role
from tests.fakes import MemoryStore, RecordingQueue
from tests.moderation.conftest import SignIn
from tests.moderation.people import KEY, PASSWORD, Browser, code, in_state, moderator, token
from tests.moderation.test_account_pages import later

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates" / "moderation"
#: Those that pages of the desk load.
SCRIPTS = [
    *(ROOT / "static" / "js").glob("desk-*.js"),
    *(ROOT / "static" / "js" / f"{name}.js" for name in ("passkeys", "invitation")),
]

#: No database differs here; one is enough.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def in_production(settings: Settings) -> Iterator[Flask]:
    app = wsgi.create_app(replace(settings, production=True), media=MemoryStore(), queue=RecordingQueue())
    yield app
    app.extensions["instamemes"].database.dispose()


@on_one_database
def test_the_cookie_is_for_this_host_over_tls_alone_and_small(in_production: Flask) -> None:
    answer = in_production.test_client().get("/desk/sign-in", base_url="https://localhost")
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-desk=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert len(cookie) < 4096


@on_one_database
def test_whoever_proves_again_goes_on_under_another_session(
    app: Flask, signed_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, who = signed_in(Role.ADMIN)
    copied = browser.client.get_cookie("desk")
    assert copied
    proof = {"password": PASSWORD, "code": code(who, steps=1)}
    assert browser.send("/desk/again?next=/desk/people", "/desk/again", **proof).headers["Location"] == "/desk/people"
    assert browser.get("/desk/people").status_code == 200
    thief = Browser(app)
    thief.client.set_cookie("desk", copied.value)
    assert thief.get("/desk/people").headers["Location"] == "/desk/sign-in"
    with database.reads() as session:
        [row] = sessions.alive(session, session.get_one(Moderator, who.id))
    assert row.started_at < row.proved_at, "proving again does not make a session last longer"
    later(monkeypatch, sessions.ABSOLUTE.total_seconds())
    assert browser.get("/desk/").headers["Location"] == "/desk/sign-in"


@on_one_database
def test_ending_sessions_asks_for_a_fresh_proof(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, _who = signed_in(Role.EDITOR)
    sent = {"csrf_token": token(browser.get("/desk/account"))}
    later(monkeypatch, sessions.FRESH.total_seconds())
    for path in ("end-others", f"{secrets.token_hex(4)}-0000-4000-8000-000000000000/end"):
        answer = browser.client.post(f"/desk/account/sessions/{path}", data=sent)
        assert answer.headers["Location"] == "/desk/again?next=/desk/account"


@on_one_database
def test_closing_an_account_and_another_role_end_its_sessions_at_once(signed_in: SignIn, database: Database) -> None:
    admin, _ = signed_in(Role.ADMIN)
    for change in ("disable", "role"):
        browser, who = signed_in(Role.MODERATOR)
        assert browser.get("/desk/").status_code == 200
        assert admin.send(f"/desk/people/{who.id}/{change}", "/desk/people", role="editor").status_code == 303
        assert browser.get("/desk/").headers["Location"] == "/desk/sign-in"
        with database.reads() as session:
            assert sessions.alive(session, session.get_one(Moderator, who.id)) == []


@on_one_database
def test_every_page_of_the_desk_has_a_way_out(signed_in: SignIn) -> None:
    browser, _who = signed_in(Role.ADMIN)
    for path in ("/desk/", "/desk/account", "/desk/people", "/desk/settings", "/desk/audit", "/desk/nothing"):
        assert 'action="/desk/sign-out"' in browser.get(path).text, path


@on_one_database
def test_signing_out_empties_what_the_browser_has_kept(signed_in: SignIn) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    answer = browser.send("/desk/sign-out")
    assert '"cache"' in answer.headers["Clear-Site-Data"]
    assert answer.headers["Cache-Control"] == "no-store"


@on_one_database
def test_who_comes_in_who_is_refused_and_who_leaves_is_written_down_without_a_secret(
    signed_in: SignIn, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "moderation")
    browser, who = signed_in(Role.EDITOR)
    assert browser.get("/desk/insight").status_code == 403
    assert browser.client.post("/desk/account/password", data={"csrf_token": "forged\nline"}).status_code == 400
    typed = {"email": "canary@example.org", "password": "canary words"}
    Browser(app).send("/desk/sign-in", "/desk/sign-in", **typed)
    half = Browser(app)
    half.send("/desk/sign-in", "/desk/sign-in", email=who.email, password=PASSWORD)
    half.send("/desk/sign-in/code", "/desk/sign-in/code", code="000000")
    browser.send("/desk/sign-out", "/desk/account")
    assert [record.getMessage() for record in caplog.records if record.name.startswith("moderation")] == [
        f"account {who.id} signed in",
        f"refused with 403: account {who.id} on GET /desk/insight",
        f"refused with 400: account {who.id} on POST /desk/account/password",
        "sign-in refused: address or password",
        f"sign-in refused: second factor of account {who.id}",
        f"account {who.id} signed out",
    ]


def test_a_password_field_hides_what_is_typed_and_lets_a_password_manager_help() -> None:
    fields = [
        field for template in TEMPLATES.rglob("*.html")
        for field in re.findall(r"<input[^>]*\bpassword\b[^>]*>|form\.password\([^)]*\)", template.read_text())
    ]  # fmt: skip
    assert len(fields) >= 3
    for field in fields:
        assert 'type="password"' in field or field.startswith("form."), field  # WTForms' PasswordField writes the type
        assert re.search(r"(current|new)-password|autocomplete=\"\{\{", field), "it says which password it is"
        shortest = re.search(r'maxlength="?(\d+)', field)
        assert shortest is None or int(shortest[1]) > passwords.LONGEST, "nothing is cut off in silence"
    assert "paste" not in "".join(script.read_text() for script in SCRIPTS)


@on_one_database
def test_no_account_comes_with_the_program(database: Database) -> None:
    with database.reads() as session:
        assert session.scalars(select(Moderator)).all() == []


def test_a_password_is_compared_as_it_was_typed_up_to_its_last_letter() -> None:
    long = "Une cigogne sur le minaret de la medina " * 3
    passwords.check(long, "reader@example.org")
    assert len(long) > 64
    stored = passwords.hashed(long)
    assert passwords.verify(stored, long)
    for other in (long[:-1], long.lower(), long.strip() + "x"):
        assert not passwords.verify(stored, other)


@pytest.mark.parametrize("password", ["instamemes2026", "Moderateur2026!", "emcmaroc12345", "casablanca2030", "123456789012",
                                      "qwertyuiop123", "passwordpassword"])  # fmt: skip
def test_words_of_this_place_and_what_was_stolen_elsewhere_are_no_passwords(password: str) -> None:
    with pytest.raises(passwords.PasswordRefused):
        passwords.check(password, "reader@example.org")


def test_every_stolen_password_that_is_long_enough_is_refused() -> None:
    stolen = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= passwords.SHORTEST]
    assert len(FREQUENCY_LISTS["passwords"]) >= 3000
    assert len(stolen) > 20
    for word in stolen:
        with pytest.raises(passwords.PasswordRefused):
            passwords.check(word, "reader@example.org")


@on_one_database
def test_secrets_have_enough_chance_in_them_and_are_kept_slowly_where_they_are_short(database: Database) -> None:
    with database.writing() as session:
        who, other = moderator(session), moderator(session)
        made = recovery_codes.new_set(session, KEY, who)
        kept = session.scalars(select(RecoveryCode.digest)).all()
        assert all(re.fullmatch(r"\d{4} \d{4} \d{4}", one) for one in made)
        assert len(set(kept)) == len(made)
        assert recovery_codes._digest(KEY, who, "1") != recovery_codes._digest(KEY, other, "1"), (
            "salted for each person"
        )
        assert not recovery_codes.use(session, KEY, other, made[0])
        assert recovery_codes.use(session, KEY, who, made[0])
        assert not recovery_codes.use(session, KEY, who, made[0]), "once"
        token_of_invitation = invitations.invite(session, "new@example.org", Role.EDITOR)
    assert recovery_codes.DIGITS * 3.32 > 20
    assert "argon2" in inspect.getsource(recovery_codes)
    assert len(token_of_invitation) * 6 >= 256
    assert second_factor.SEED_BYTES * 8 >= 128
    assert second_factor.new_seed() != second_factor.new_seed()


@on_one_database
def test_a_session_s_name_cannot_be_guessed_and_is_never_in_an_address(signed_in: SignIn) -> None:
    browser, _who = signed_in(Role.ADMIN)
    cookie = browser.client.get_cookie("desk")
    assert cookie
    name, _, signature = cookie.value.rpartition(".")
    assert len(signature) * 6 >= 256, "signed"
    for forged in (name + "." + "A" * len(signature), "x" + cookie.value, cookie.value[:-1]):
        stranger = Browser(browser.client.application)
        stranger.client.set_cookie("desk", forged)
        assert stranger.get("/desk/").headers["Location"] == "/desk/sign-in"
    assert cookie.value not in browser.get("/desk/account").text


@on_one_database
def test_a_passkey_s_challenge_is_long_new_and_spent_once(database: Database) -> None:
    site, asked = passkeys.Site("localhost", "https://localhost"), []
    with database.writing() as session:
        who = moderator(session)
        for _ in range(3):
            asked.append(json.loads(passkeys.offer(session, who, site))["challenge"])
            assert who.challenge is not None
            assert len(who.challenge) >= 16
            with pytest.raises(passkeys.PasskeyRefused):
                passkeys.add(session, who, "x", "{}", site)
            assert who.challenge is None, "spent, whatever came"
    assert len(set(asked)) == 3


@on_one_database
def test_pictures_of_the_desk_are_for_its_own_pages(signed_in: SignIn, database: Database) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    with database.writing() as session:
        entry = in_state(session, State.PENDING)
    told = browser.get(f"/desk/entries/{entry.id}/media/320.webp").headers
    assert (told["Cross-Origin-Resource-Policy"], told["Cache-Control"]) == ("same-origin", "no-store")
    assert told["X-Content-Type-Options"] == "nosniff"


@on_one_database
def test_fields_that_nobody_asked_for_change_nothing_and_doubled_ones_count_once(
    signed_in: SignIn, database: Database
) -> None:
    browser, who = signed_in(Role.MODERATOR)
    with database.writing() as session:
        entry = in_state(session, State.PENDING, text="x")
    extra = {"state": "approved", "published_on": "2026-01-01", "role": "admin", "version": "9", "moderator_id": "x"}
    answer = browser.decide(entry.id, "decline", seen=entry.version, reason="off_topic", note="", **extra)
    assert answer.status_code == 303
    sent = {
        "csrf_token": token(browser.get("/desk/account")),
        "lang": ["fr", "ar"],
        "back": ["", "//elsewhere.example"],
    }
    assert browser.client.post("/desk/language", data=sent).headers["Location"] == "/desk/"
    with database.reads() as session:
        changed = session.get_one(Entry, entry.id)
        assert (changed.state, changed.published_on) == (State.DECLINED, None)
        account = session.get_one(Moderator, who.id)
        assert (account.role, account.language) == (Role.MODERATOR, "fr")


@on_one_database
def test_no_address_of_the_desk_changes_anything_by_get(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/desk"):
            assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS", "POST"}, rule.rule
