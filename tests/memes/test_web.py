"""Manners that every page has."""

import gzip
import re

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from memes import web

#: Nothing here depends on the database; one is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PUBLIC = [
    "/ar/",
    "/ar/share",
    "/ar/share/meme",
    "/ar/receipt",
    "/ar/gallery",
    "/ar/help",
    "/api/v1/gallery",
    "/nothing",
]


def test_the_front_door_leads_to_the_readers_language(client: FlaskClient) -> None:
    for asked, lang in (("fr-MA,fr;q=0.9", "fr"), ("en-GB", "en"), ("de", "ar"), ("ar-MA", "ar"), ("", "ar")):
        answer = client.get("/", headers={"Accept-Language": asked})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/{lang}/")
        assert answer.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_set_no_cookie_and_vary_on_nothing_but_compression(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"


@pytest.mark.parametrize("path", PUBLIC)
def test_every_answer_is_closed_to_strangers_and_to_inline_script(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"""\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=["']""", answer.text)
    assert "Server" not in answer.headers


def test_a_session_cannot_be_written_outside_the_desk(app: Flask) -> None:
    with app.test_request_context("/ar/"), pytest.raises(RuntimeError):
        session["who"] = "a child"


def test_unknown_addresses_get_a_kind_page_in_their_language(client: FlaskClient) -> None:
    for lang, words in (("ar", "هذه الصفحة غير موجودة"), ("fr", "Cette page n"), ("en", "This page does not exist")):
        answer = client.get(f"/{lang}/nothing/here")
        assert answer.status_code == 404
        assert words in answer.text


def test_an_error_of_ours_tells_nothing_of_its_cause(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(*_args: object, **_kwargs: object) -> None:
        raise ValueError("a child's secret words")

    client.application.testing = False
    monkeypatch.setattr("memes.published.published_page", explode)
    answer = client.get("/en/gallery")
    assert answer.status_code == 500
    assert "on our side, not yours" in answer.text
    assert "secret" not in answer.text + caplog.text
    assert "ValueError" in caplog.text
    assert client.application.extensions["instamemes"].counts.read() == {"error:web:program": 1}


def test_static_files_are_named_by_content_and_kept_for_ever(client: FlaskClient) -> None:
    page = client.get("/ar/").text
    address = re.search(r'href="(/static/([0-9a-f]{12})/css/tokens.css)"', page)
    assert address
    answer = client.get(address[1], headers={"Accept-Encoding": "gzip, br"})
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    sheet = gzip.decompress(answer.data).decode()
    assert sheet == client.get(address[1]).text

    font = re.search(r'url\("\.\./(fonts/[^"]+)"', sheet)
    assert font
    served = client.get(f"/static/{address[2]}/{font[1]}", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in served.headers["Cache-Control"], "what a sheet names beside itself is kept as long"
    assert served.data == (web.STATIC / font[1]).read_bytes()
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in served.headers, "what opens no page needs none, and a weak network pays for it"
    assert "Content-Security-Policy" in client.get(f"/static/{address[2]}/memes/drawings.svg").headers
    assert client.get(f"/static/000000000000/{font[1]}").headers["Cache-Control"] == "no-cache"
    for path in (f"/static/{address[2]}/../wsgi.py", f"/static/{address[2]}/%2e%2e/wsgi.py", "/static/x/nothing.css"):
        assert client.get(path).status_code == 404


def test_style_sheets_are_served_whole_but_for_their_comments(client: FlaskClient) -> None:
    for path in (web.STATIC / "css").glob("*.css"):
        served, written = client.get(f"/static/x/css/{path.name}").text, path.read_text(encoding="utf-8")
        assert "/*" not in served
        assert "*/" not in served
        assert len(served) > len(written) / 2
        assert served.rstrip().splitlines()[-1] == written.rstrip().splitlines()[-1]


def test_pages_travel_compressed_unless_they_could_hold_a_secret(client: FlaskClient) -> None:
    understood = {"Accept-Encoding": "gzip, deflate, br"}
    for path in ("/fr/", "/fr/share/story", "/fr/gallery?q=x", "/api/v1/openapi.json"):
        answer = client.get(path, headers=understood)
        assert answer.headers["Content-Encoding"] == "gzip", path
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(answer.data) == client.get(path).data
        assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip;q=0"}).headers
    secret = [client.get("/fr/receipt", headers=understood), client.get("/desk/sign-in", headers=understood),
              client.post("/fr/receipt", data={"receipt": "1"}, headers=understood),
              client.post("/fr/share/story", data={"text": "x"}, headers=understood)]  # fmt: skip
    for answer in secret:
        assert "Content-Encoding" not in answer.headers
        assert len(answer.data) > 2000


def test_a_page_that_has_not_changed_is_not_sent_again_and_one_with_a_secret_has_no_name(client: FlaskClient) -> None:
    first = client.get("/fr/share/story", headers={"Accept-Encoding": "gzip"})
    again = client.get("/fr/share/story", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Vary"] == "Accept-Encoding", "a cache keeps both forms, also after it has asked again"
    assert client.get("/ar/share/story", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    for answer in (client.get("/fr/receipt"), client.post("/fr/receipt", data={"receipt": "1"}), client.get("/desk/sign-in")):
        assert "ETag" not in answer.headers


def test_nothing_on_a_page_comes_from_elsewhere(client: FlaskClient) -> None:
    for path in PUBLIC:
        for address in re.findall(r'(?:src|srcset|poster|action)="([^"]+)"', client.get(path).text):
            assert address.startswith(("/", "data:", "#")), address


def test_language_links_lead_to_this_very_page(client: FlaskClient) -> None:
    page = client.get("/ar/gallery?kind=meme").text
    assert 'href="/fr/gallery?kind=meme"' in page


def test_readiness_tells_the_truth(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.json == {"status": "ok", "database": True, "keys": True, "broker": True, "media": True, "worker": True}
