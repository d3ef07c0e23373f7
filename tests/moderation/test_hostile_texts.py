"""Texts made to hurt, in every field of every form of the desk."""

import re
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask

from memes.db import Database
from memes.lifecycle import State
from moderation.roles import Role
from tests.hostile.test_text import TEXTS, sent
from tests.moderation.conftest import SignIn
from tests.moderation.people import in_state, token
from tests.moderation.test_matrix import addresses

TEMPLATES = Path(__file__).parents[2] / "templates" / "moderation"
#: What leads out, and would leave nothing to try.
LEAVING = ("/desk/sign-out", "/desk/language")


def fields() -> list[str]:
    """Every name of a field that a page of the desk has, and some that only scripts send."""
    pages = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    return sorted(set(re.findall(r'name="([a-z_]+)"', pages)) | {"note", "reason", "message", "boxes", "spans", "body", "seen"})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_text_in_any_field_brings_a_page_of_the_desk_down(
    app: Flask, database: Database, signed_in: SignIn, thorough: bool
) -> None:
    with database.writing() as session:
        kept, told = (in_state(session, state) for state in (State.PENDING, State.ESCALATED))
    names, texts = fields(), [sent(text) for text in TEXTS.values() if len(text) < 20_000]
    assert len(names) > 30
    asked = sorted({path for method, path in addresses(app) if method == "POST" and path not in LEAVING})
    for role in (Role.ADMIN, Role.SAFEGUARDING):
        browser, _who = signed_in(role)
        proof = token(browser.get("/desk/published"))
        for number, rule in enumerate(asked):
            entry = told if role is Role.SAFEGUARDING else kept
            path = rule.replace("<entry_id>", str(entry.id)).replace("<kind>", "news").replace("<number>", "1")
            path = re.sub(r"<[a-z_]+>", str(uuid4()), path)
            for text in texts if thorough else [texts[number % len(texts)]]:
                seen = text if role is Role.ADMIN else str(entry.version).encode()
                body = urlencode(dict.fromkeys(names, text[:1_500]) | {"csrf_token": proof, "seen": seen})
                answer = browser.client.post(path, data=body, content_type="application/x-www-form-urlencoded")
                assert answer.status_code < 500, (role, path, text[:20])
                assert answer.status_code != 413, "it was read"
                assert b"<script>alert(1)</script>" not in answer.data, (role, path)
