"""Moderators for tests, and the way they come in."""

import re
from datetime import datetime
from itertools import count
from uuid import UUID

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from memes import entries, privacy
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry
from moderation import accounts, second_factor
from moderation.models import Moderator
from moderation.roles import Role
from tests import make

PASSWORD = "une cigogne sur le minaret"
KEY = "k" * 64
_names = count()


def moderator(session: Session, role: Role = Role.MODERATOR, email: str | None = None) -> Moderator:
    """An account, flushed."""
    return accounts.add(session, email or f"reader{next(_names)}@example.org", PASSWORD, role)


def code(who: Moderator, now: datetime | None = None, steps: int = 0) -> str:
    """The code that the moderator's app shows, `steps` time steps from `now`."""
    moment = (now or privacy.now()).timestamp() + 30 * steps
    return pyotp.TOTP(second_factor.secret(KEY, who.totp_seed)).at(int(moment))


def in_state(session: Session, state: State, **changes: object) -> Entry:
    """An entry that came to `state` the usual way."""
    early = state in (State.RECEIVED, State.UNREADABLE)
    entry = (make.received if early else make.pending)(session, **changes)
    ways: dict[State, tuple[Action, ...]] = {
        State.RECEIVED: (), State.UNREADABLE: (Action.SPOIL,),
        State.PENDING: (), State.APPROVED: (Action.APPROVE,), State.CHANGES_REQUESTED: (Action.ASK_CHANGES,),
        State.DECLINED: (Action.DECLINE,), State.ESCALATED: (Action.ESCALATE,), State.SEALED: (Action.SEAL,),
        State.SUPPORTED: (Action.ESCALATE, Action.SUPPORT), State.REMOVED: (Action.APPROVE, Action.TAKE_DOWN),
        State.WITHDRAWN: (Action.WITHDRAW,), State.ERASED: (Action.DECLINE, Action.ERASE),
    }  # fmt: skip
    for action in ways[state]:
        entries.transition(session, entry, action, actor="somebody", reason="off_topic")
    return entry


def token(page: TestResponse) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:2000]
    return found[1]


class Browser:
    """One moderator's browser: keeps its cookie, and sends tokens along as a page's form would."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def send(self, path: str, page: str = "/desk/", **fields: object) -> TestResponse:
        """Send a form that stands on `page`."""
        shown = self.get(page)
        return self.client.post(path, data={"csrf_token": token(shown), **fields})

    def sign_in(self, who: Moderator, database: Database, password: str = PASSWORD) -> TestResponse:
        """Both steps, with a code that was not used yet."""
        answer = self.send("/desk/sign-in", "/desk/sign-in", email=who.email, password=password)
        if answer.headers.get("Location") != "/desk/sign-in/code":
            return answer
        with database.reads() as session:
            last = session.get_one(Moderator, who.id).totp_last_step
        ahead = 1 if last >= int(privacy.now().timestamp()) // 30 else 0
        return self.send("/desk/sign-in/code", "/desk/sign-in/code", code=code(who, steps=ahead))

    def decide(self, entry_id: UUID, verb: str, *, seen: int, **fields: object) -> TestResponse:
        """Send a decision on an entry, with the token of the moderator's own pages."""
        return self.send(f"/desk/entries/{entry_id}/{verb}", "/desk/published", seen=seen, **fields)
