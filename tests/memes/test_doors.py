"""The public side's doors, as OWASP ASVS 5.0 asks for them (docs/asvs.csv), where no other test is about it."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import select

import wsgi
from memes import web
from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from tests.fakes import MemoryStore, RecordingQueue

#: Nothing here depends on the database; one is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

#: Answers that hold nobody's secret and may stand in a frame of another site.
FRAMED = {"/ar/embed/00000000-0000-4000-8000-000000000000"}
#: What a page of any origin may read: digests without a secret, for packs that are opened from a folder.
READ_ANYWHERE = {"/recall.json"}


@pytest.fixture
def in_production(settings: Settings) -> Iterator[Flask]:
    app = wsgi.create_app(replace(settings, production=True), media=MemoryStore(), queue=RecordingQueue())
    yield app
    app.extensions["instamemes"].database.dispose()


def addresses(app: Flask) -> list[str]:
    """Every page that can be asked for without knowing anything, and some that are not there."""
    found = {
        rule.rule.replace(web.LANGUAGE_RULE, "ar") for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not rule.rule.startswith("/desk")
    }  # fmt: skip
    return sorted({path for path in found if "<" not in path} | {"/nothing", "/ar/nothing", "/api/v1/nothing"} | FRAMED)


def test_every_answer_has_every_header(in_production: Flask) -> None:
    client = in_production.test_client(use_cookies=False)
    asked = addresses(in_production)
    assert len(asked) > 25
    for path in asked:
        answer = client.get(path, base_url="https://localhost")
        told, framed = answer.headers, path in FRAMED
        policy = dict(part.split(" ", 1) for part in told["Content-Security-Policy"].split("; "))
        assert (policy["default-src"], policy["base-uri"]) == ("'none'", "'none'"), path
        assert policy["frame-ancestors"] == ("*" if framed else "'none'"), path
        assert "unsafe" not in told["Content-Security-Policy"]
        assert "object-src" not in policy, "what default-src forbids is not given back"
        assert told["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert told["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert told["Cross-Origin-Embedder-Policy"] == "require-corp", path
        assert told["Cross-Origin-Resource-Policy"] == ("cross-origin" if framed or path in READ_ANYWHERE else "same-origin")
        assert ("Access-Control-Allow-Origin" in told) == (path in READ_ANYWHERE), path
        assert "Access-Control-Allow-Credentials" not in told, path
        assert "Set-Cookie" not in told, path
        assert "Cache-Control" in told, path
        assert "X-Powered-By" not in told


def test_every_answer_says_what_it_is_and_in_which_letters(in_production: Flask) -> None:
    client = in_production.test_client(use_cookies=False)
    for path in addresses(in_production):
        answer = client.get(path, base_url="https://localhost")
        kind = answer.headers.get("Content-Type", "")
        if answer.data:
            assert re.fullmatch(r"[a-z]+/[a-z.+-]+(; charset=utf-8)?", kind), (path, kind)
        if answer.mimetype.startswith("text/") or answer.mimetype.endswith("xml"):
            assert kind.endswith("charset=utf-8"), (path, kind)
        if answer.mimetype.endswith("json"):
            assert answer.get_json(force=True) is not None


def test_a_method_that_a_page_does_not_know_is_refused(in_production: Flask) -> None:
    client = in_production.test_client(use_cookies=False)
    methods = ("PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND")
    for path, method in itertools.product(addresses(in_production), methods):
        answer = client.open(path, method=method, headers={"Cookie": "canary=1"}, base_url="https://localhost")
        assert answer.status_code in (404, 405), (method, path)
        assert "canary" not in answer.text


#: What a careless server would give away.
KEPT_BACK = ("/.git/config", "/.env", "/wsgi.py", "/memes/web.py", "/static/", "/static/css/", "/media/", "/requirements.lock",
             "/var/instamemes.db", "/static/x/../../wsgi.py", "/static/x/js/%2e%2e/%2e%2e/%2e%2e/wsgi.py", "/console", "/metrics",
             "/private/", "/renditions/")  # fmt: skip


def test_nothing_but_pages_and_static_files_can_be_asked_for(client: FlaskClient) -> None:
    for path in KEPT_BACK:
        assert client.get(path).status_code == 404, path


def test_fields_that_nobody_asked_for_change_nothing_and_doubled_ones_count_once(
    client: FlaskClient, database: Database
) -> None:
    asked = {"theme": ["rumours", "exclusion"], "language": "fr", "text": ["un mot", "deux mots"], "consent_gallery": "y"}
    never = {"state": "approved", "published_on": "2026-01-01", "kind": "meme", "id": "1", "for_screen": "y", "version": "7"}
    answer = client.post("/fr/share/story?theme=pressure&text=trois", data=asked | never)
    assert answer.status_code in (200, 201), answer.status_code
    with database.reads() as session:
        entry = session.scalars(select(Entry)).one()
        assert (entry.state, entry.published_on, entry.for_screen, entry.kind) == (State.RECEIVED, None, False, "story")
        assert (entry.theme, entry.text) == ("rumours", "un mot")


def test_a_header_of_a_proxy_that_is_not_ours_is_not_believed(client: FlaskClient, app: Flask) -> None:
    seen = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(request.remote_addr))
    told = {"X-Forwarded-For": "196.200.131.7", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "https",
            "X-Real-IP": "196.200.131.7", "Forwarded": "for=196.200.131.7;host=elsewhere.example"}  # fmt: skip
    page = client.get("/sitemap.xml", headers=told)
    assert "elsewhere.example" not in page.text
    assert seen == ["127.0.0.1"]


def test_whatever_leads_on_leads_to_this_house(client: FlaskClient, app: Flask) -> None:
    for path in [
        *addresses(app),
        "//elsewhere.example/",
        "/ar//elsewhere.example",
        "/\\elsewhere.example",
        "/en/share?next=//elsewhere.example",
    ]:
        answer = client.get(path)
        if answer.status_code in (301, 302, 303, 307, 308):
            assert re.match(r"(http://localhost)?/(?![/\\])", answer.headers["Location"]), (
                path,
                answer.headers["Location"],
            )


def test_an_api_that_takes_json_says_it_and_takes_no_other_body(client: FlaskClient) -> None:
    for kind, body in (
        ("text/plain", '{"kind": "story"}'),
        ("application/xml", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"),
    ):
        answer = client.post("/api/v1/entries", data=body, content_type=kind)
        assert answer.status_code in (400, 415, 422)
        assert answer.mimetype == "application/problem+json"
        assert "root:" not in answer.text


def test_what_a_receipt_opens_is_not_stored(client: FlaskClient) -> None:
    sent = client.post("/fr/share/story", data={"theme": "rumours", "text": "un mot", "consent_gallery": "y"})
    for answer in (sent, client.post("/fr/receipt", data={"receipt": "1234 5678 1234 5678"})):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
