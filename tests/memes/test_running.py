"""What an admin sets: values and their versions, and what the public pages and the API make of them."""

import io
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from memes import privacy, running
from memes.db import Database
from memes.errors import StaleDecision
from memes.running import Running, SettingRefused, closed
from tests.memes.test_intake import PICTURE as PNG

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

VALUES: dict[str, tuple[Any, ...]] = {
    "languages": (["fr", "ar"], ["en"]),
    "themes_hidden": (["hacking", "rumours"], []),
    "hours": (["08:00", "20:00"], None),
    "window": (["2026-12-04", None], [None, None]),
    "banner": ({"ar": "مرحبا", "fr": "Bonjour", "en": "Hello"}, {"ar": "", "fr": " ", "en": ""}),
    "photos": (False, True),
    "open_enrolment": (True, False),
    "batch_hour": (18, "7", None),
    "keep_days": ({"declined": 30, "withdrawn": "7"}, {}),
}
REFUSED: dict[str, tuple[Any, ...]] = {
    "languages": ([], ["de"], None),
    "themes_hidden": (["nothing"], None),
    "hours": (["20:00", "08:00"], ["08:00", ""], ["8", "20"], ["25:00", "26:00"]),
    "window": (["2026-12-05", "2026-12-04"], ["soon", None], [None]),
    "banner": ({"ar": "مرحبا", "fr": "", "en": "Hello"}, {"ar": "x" * 161, "fr": "x", "en": "x"}),
    "photos": ("no", None),
    "open_enrolment": ("yes", 1),
    "batch_hour": (24, -1, "noon"),
    "keep_days": ({"approved": 3}, {"sealed": 3}, {"declined": 0}, {"declined": 3651}, {"declined": "long"}),
}


def test_without_a_row_everything_runs_as_it_comes(session: Session) -> None:
    assert running.read(session) == Running()
    assert closed(Running(), privacy.now()) is None


def test_a_setting_is_kept_read_back_and_told_to_the_log_without_typed_words(session: Session) -> None:
    told = {}
    for name, (first, *others) in VALUES.items():
        for seen, raw in enumerate([first, *others]):
            told[name, seen] = running.change(session, name, raw, seen)
    assert running.plain(running.read(session)) == running.plain(Running()) | {"languages": ["en"], "keep_days": {}}
    assert told["hours", 0] == "hours: 08:00 20:00"
    assert told["keep_days", 0] == "keep_days: declined 30 withdrawn 7"
    assert told["banner", 0] == "banner"
    assert running.versions(session)["batch_hour"] == 3


@pytest.mark.parametrize("name", REFUSED)
@ONE_DATABASE
def test_what_cannot_be_is_refused_and_nothing_changes(session: Session, name: str) -> None:
    for raw in REFUSED[name]:
        with pytest.raises(SettingRefused):
            running.change(session, name, raw, 0)
    assert running.versions(session)[name] == 0


def test_two_who_change_the_same_are_told(database: Database) -> None:
    with database.writing() as session:
        running.change(session, "photos", False, 0)
    with database.writes() as session, pytest.raises(StaleDecision):
        running.change(session, "photos", True, 0)
    with database.reads() as session:
        assert running.read(session).photos is False


def test_a_row_from_another_version_of_the_program_leaves_the_default(session: Session) -> None:
    session.add(running.Setting(name="hours", value="always"))
    session.add(running.Setting(name="colour", value="blue"))
    session.flush()
    assert running.read(session) == Running()


def at(moment: str) -> datetime:
    """A moment of Morocco, which was an hour before UTC's clock on all these days."""
    return (datetime.fromisoformat(moment) - timedelta(hours=1)).replace(tzinfo=UTC)


#: The clock of Morocco is an hour ahead of UTC.
DAY = Running(hours=(time(8), time(20)), window=(date(2026, 12, 4), date(2026, 12, 30)))


@pytest.mark.parametrize(
    ("moment", "why", "opens"),
    [
        ("2026-12-03T12:00", "early", "2026-12-04T08:00"),
        ("2026-12-04T07:59", "hours", "2026-12-04T08:00"),
        ("2026-12-04T08:00", None, None),
        ("2026-12-30T19:59", None, None),
        ("2026-12-29T20:00", "hours", "2026-12-30T08:00"),
        ("2026-12-30T20:00", "late", None),
        ("2026-12-31T12:00", "late", None),
    ],
)
def test_doors_open_and_close_by_moroccos_clock(moment: str, why: str | None, opens: str | None) -> None:
    found = closed(DAY, at(moment))
    assert (found and found.why) == why
    assert (found and found.opens_at) == (at(opens) if opens else None)


def put(database: Database, name: str, raw: Any) -> None:
    with database.writing() as session:
        running.change(session, name, raw, running.versions(session)[name])


YESTERDAY = date.today() - timedelta(days=2)
DRAFT = {"text": "On se parle.", "theme": "rumours", "language": "fr", "kind": "solution", "consent_gallery": "true"}


@ONE_DATABASE
def test_closed_doors_lose_nothing_that_was_typed_and_receipts_go_on(database: Database, client: FlaskClient) -> None:
    receipt = client.post("/api/v1/entries", data=DRAFT).get_json()["receipt"]
    client.application.extensions.pop("instamemes_running")
    put(database, "window", [None, YESTERDAY.isoformat()])
    for path in ("/fr/share", "/fr/share/story", "/fr/share/meme/make"):
        page = client.get(path)
        assert page.status_code == 503
        assert "La campagne est terminée" in page.text
        assert 'id="help"' in page.text
    answer = client.post("/fr/share/solution", data=DRAFT)
    assert answer.status_code == 503
    assert "On se parle." in answer.text
    assert client.post("/api/v1/entries", data=DRAFT).status_code == 503
    assert client.post("/fr/receipt", data={"receipt": receipt}).status_code == 200


@ONE_DATABASE
def test_who_was_writing_when_the_doors_closed_may_send(
    database: Database, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, "hours", ["08:00", "20:00"])
    for minute, page, sending in (("19:59", 200, 200), ("20:29", 503, 200), ("20:31", 503, 503)):
        monkeypatch.setattr(privacy, "now", lambda minute=minute: at(f"2026-12-04T{minute}"))
        answer = client.get("/fr/share/solution")
        assert (answer.status_code, answer.headers.get("Retry-After")) == (
            page, None if page == 200 else str(int((at("2026-12-05T08:00") - privacy.now()).total_seconds()) + 1),
        )  # fmt: skip
        assert client.post("/fr/share/solution", data=DRAFT | {"key": minute}).status_code == sending


@ONE_DATABASE
def test_languages_that_are_not_offered_lead_to_one_that_is(database: Database, client: FlaskClient) -> None:
    put(database, "languages", ["fr", "ar"])
    assert client.get("/", headers={"Accept-Language": "en"}).headers["Location"] == "/ar/"
    moved = client.get("/en/gallery?kind=story")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/ar/gallery?kind=story")
    assert 'hreflang="en"' not in client.get("/fr/").text
    assert client.post("/en/receipt", data={"receipt": "1" * 16}).status_code == 404, "what is sent is answered"


@ONE_DATABASE
def test_a_theme_that_is_not_offered_is_not_in_the_form_and_not_taken(database: Database, client: FlaskClient) -> None:
    put(database, "themes_hidden", ["rumours"])
    form = client.get("/fr/share/solution").text
    assert 'value="rumours"' not in form
    assert 'value="hacking"' in form
    assert client.post("/api/v1/entries", data=DRAFT).get_json()["errors"] == {"theme": "unknown"}
    assert client.get("/fr/gallery?theme=rumours").status_code == 200


@ONE_DATABASE
def test_the_banner_is_on_every_page_in_its_language(database: Database, client: FlaskClient) -> None:
    put(database, "banner", {"ar": "أسبوع خاص", "fr": "Semaine <spéciale>", "en": "Special week"})
    assert "Semaine &lt;spéciale&gt;" in client.get("/fr/gallery").text
    assert "أسبوع خاص" in client.get("/ar/help").text
    assert "Special week" in client.get("/en/nothing/here").text


@ONE_DATABASE
def test_without_photos_only_what_was_made_on_the_page_is_taken(database: Database, client: FlaskClient) -> None:
    put(database, "photos", False)
    form = client.get("/fr/share/meme").text
    assert "On ne prend pas de photos" in form
    assert re.search(r'<input type="file" hidden', form)
    assert 'type="file"' not in client.get("/fr/share/story").text
    assert "maker-photo" not in client.get("/fr/share/meme/make").text
    meme = {**DRAFT, "kind": "meme", "alt": "Un chat"}
    refused = client.post("/api/v1/entries", data=meme | {"image": (io.BytesIO(PNG), "x.png")})
    assert (refused.status_code, refused.get_json()["errors"]) == (422, {"image": "no_photos"})
    sent = client.post("/fr/share/meme", data=meme | {"image": (io.BytesIO(PNG), "x.png")})
    assert sent.status_code == 422
    assert "On ne prend pas de photos" in sent.text
    sent = client.post("/fr/share/meme", data=meme | {"image": (io.BytesIO(PNG), "x.png"), "made": "here"})
    assert sent.status_code == 200


def test_the_pages_stay_when_the_database_is_away(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_session: Session) -> Running:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(running, "read", away)
    assert client.get("/fr/share/solution").status_code == 200
