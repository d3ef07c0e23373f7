"""Every address of the desk, asked for by every role, by nobody, and by who gave the password alone."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.running import NAMES
from moderation.models import Moderator
from moderation.roles import Role
from tests.moderation.conftest import SignIn
from tests.moderation.people import PASSWORD, Browser, in_state, moderator, token

M, S, E, A = Role.MODERATOR, Role.SAFEGUARDING, Role.EDITOR, Role.ADMIN
ALL, READERS = {M, S, E, A}, {M, S, A}

#: Method and rule -> who is answered. A new address fails until it stands here. (`OPEN`: who is not in, too.)
OPEN = {
    "GET /desk/sign-in", "POST /desk/sign-in", "GET /desk/sign-in/code", "POST /desk/sign-in/code", "POST /desk/sign-in/passkey",
    "POST /desk/language", "GET /desk/invitation", "POST /desk/invitation", "GET /desk/join", "POST /desk/join",
}  # fmt: skip
ENTRY = "/desk/entries/<entry_id>"
ALLOWED: dict[str, set[Role]] = {name: ALL for name in OPEN} | {
    "GET /desk/": ALL, "GET /desk/live": READERS, "GET /desk/published": ALL, "GET /desk/escalated": {S},
    "GET /desk/<unknown>": ALL, "POST /desk/sign-out": ALL, "GET /desk/again": ALL, "POST /desk/again": ALL,
    "GET /desk/me": ALL, "POST /desk/me": ALL, "POST /desk/me/hidden": ALL, "GET /desk/kept": ALL,
    "GET /desk/break": ALL, "POST /desk/break": ALL,
    "GET /desk/account": ALL, "POST /desk/account/password": ALL, "POST /desk/account/codes": ALL,
    "POST /desk/account/passkeys": ALL, "POST /desk/account/passkeys/offer": ALL,
    "POST /desk/account/passkeys/<passkey_id>/remove": ALL, "POST /desk/account/sessions/<session_id>/end": ALL,
    "POST /desk/account/sessions/end-others": ALL,
    "GET /desk/people": {A}, "POST /desk/people/invite": {A}, "POST /desk/people/uninvite": {A},
    "POST /desk/people/<account_id>/disable": {A}, "POST /desk/people/<account_id>/enable": {A},
    "POST /desk/people/<account_id>/role": {A},
    "GET /desk/settings": {A}, "GET /desk/settings/due": {A},
    "GET /desk/schools": {E, A}, "POST /desk/schools/collections/<short>/show": {E, A},
    "POST /desk/schools/collections/<short>/hide": {E, A}, "POST /desk/schools/codes/<code_id>/grant": {E, A},
    "POST /desk/schools/codes/<code_id>/refuse": {E, A}, "POST /desk/schools/codes/<code_id>/end": {E, A},
    "GET /desk/editing": {E, A}, "GET /desk/editing/files/<file_id>": {E, A}, "POST /desk/editing/channel/<slug>/confirm": {E, A},
    "GET /desk/editing/new/<kind>": {E, A}, "POST /desk/editing/new/<kind>": {E, A}, "GET /desk/editing/<kind>/<slug>": {E, A},
    "GET /desk/editing/<kind>/<slug>/versions/<number>": {E, A},
    **{f"POST /desk/editing/<kind>/<slug>{verb}": {E, A} for verb in ("", "/publish", "/unpublish", "/restore")},
}  # fmt: skip
READING: dict[str, set[Role]] = {
    f"GET {ENTRY}": READERS, f"GET {ENTRY}/cover": READERS, f"GET {ENTRY}/media/<name>": READERS,
    "GET /desk/audit": {A}, "GET /desk/insight": READERS, "GET /desk/procedure/sealed": READERS, "GET /desk/safeguarding": {S},
    "GET /desk/practice": READERS, "GET /desk/practice/<item_id>": READERS, "POST /desk/practice/<item_id>": READERS,
    "POST /desk/practice/start-over": READERS,
}  # fmt: skip
#: All are sent without a version, so nothing is set.
SETTING: dict[str, set[Role]] = {f"POST /desk/settings/{name}": {A} for name in NAMES}
#: The last part of an entry's address -> who may. All are sent with a version that nobody has seen, so nothing is decided.
DECIDING: dict[str, set[Role]] = {
    "approve": READERS, "ask-second": READERS, "ask-changes": READERS, "decline": READERS, "escalate": READERS, "seal": READERS,
    "keep": READERS, "take-down": ALL, "cover": READERS, "claim": READERS, "take-over": READERS, "skip": READERS, "hide": READERS,
    "return": {S}, "support": {S}, "message": {S}, "read": {S}, "step": {S},
    "screen": ALL,  # off the screen; onto it is for readers (test_grading)
    "undo": ALL,  # of one's own last decision, else a kind word
}  # fmt: skip
OF_ESCALATED = {"return", "support", "message", "read", "step"}
SECRET = "personne ne doit lire cela"


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Method and rule of everything under /desk, converters taken out, each verb by itself."""
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/desk"):
            verbs = re.findall(r"'([a-z_-]+)'", rule.rule) or [""]
            for verb in verbs:
                path = re.sub(r"<any\(.*\):(verb|name)>", verb, rule.rule)
                path = re.sub(r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z_]+)>", r"<\1>", path)
                found |= {(method, path) for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}}
    return sorted(found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # who may does not depend on the database
def test_every_address_answers_those_it_is_for_and_nobody_else(app: Flask, database: Database, signed_in: SignIn) -> None:
    with database.writing() as session:
        kept, told = (in_state(session, state, text=SECRET) for state in (State.PENDING, State.ESCALATED))
        half = moderator(session, email="half@example.org")
    wanted = ALLOWED | READING | SETTING | {f"POST {ENTRY}/{verb}": roles for verb, roles in DECIDING.items()}
    assert sorted(f"{method} {rule}" for method, rule in addresses(app)) == sorted(wanted)
    half_in = Browser(app)
    assert half_in.send("/desk/sign-in", "/desk/sign-in", email=half.email, password=PASSWORD).status_code == 303
    outside = {"nobody": Browser(app), "the password alone": half_in}
    inside = {role: signed_in(role) for role in Role}
    tokens = {role: token(browser.get("/desk/published")) for role, (browser, _who) in inside.items()}
    fields = {"seen": "9999", "lang": "fr", "role": "editor", "email": "x@example.org", "reason": "x", "pictures": "grey"}
    for name, roles in wanted.items():
        method, rule = name.split(" ")
        entry = told if name.removeprefix(f"POST {ENTRY}/") in OF_ESCALATED else kept
        path = rule.replace("<entry_id>", str(entry.id)).replace("<item_id>", "none").replace("<name>", "320.webp")
        path = path.replace("<kind>", "news").replace("<number>", "1")
        path = re.sub(r"<[a-z_]+>", str(uuid4()), path)
        for who, browser in outside.items():
            if name not in OPEN:
                answer = browser.client.open(path, method=method, data=fields)
                assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/sign-in"), (name, who)
                assert SECRET not in answer.text
        if name == "POST /desk/sign-out":
            continue
        for role, (browser, _who) in inside.items():
            sent = fields | {"csrf_token": tokens[role]} if method == "POST" else None
            answer = browser.client.open(path, method=method, data=sent)
            refused = answer.status_code == 403
            assert refused is (role not in roles), (name, role, answer.status_code)
            assert not (refused and SECRET in answer.text), (name, role)
            assert answer.status_code < 500, (name, role)
            assert answer.headers["Cache-Control"] == "no-store", name
            assert not refused or "deskbar" in answer.text, "in the desk's own clothes"
    strange = inside[Role.ADMIN][0].get("/desk/nothing/here")
    assert strange.status_code == 404
    assert "deskbar" in strange.text
    with database.reads() as session:
        assert {entry.state for entry in session.scalars(select(Entry))} == {State.PENDING, State.ESCALATED}
        assert all(session.get_one(Moderator, who.id).active for _browser, who in inside.values())
