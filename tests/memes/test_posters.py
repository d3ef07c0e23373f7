"""Who may have a poster of what, and what it may cost."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from memes import collections, consents, entries, help, privacy
from memes.collections import Wording
from memes.consents import Consents
from memes.errors import PressBusy
from memes.lifecycle import Action
from memes.models import Entry
from memes.published import PREVIEW
from memes.schools.posters import sheet, views
from tests import make
from tests.fakes import MemoryStore
from tests.workers.pictures import photo, saved

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def approved(session: Session, store: MemoryStore, *, for_screen: bool = False, **changes: Any) -> Entry:
    entry = make.pending(session, store=store, **changes)
    if entry.theme == "threats":
        entries.transition(session, entry, Action.ENDORSE, actor="n")
    entry.for_screen = for_screen
    entries.transition(session, entry, Action.APPROVE, actor="m")
    session.commit()
    return entry


class Remembers:
    """A press that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Mapping[str, Any]] = []
        self.pictures: list[bytes] = []
        self.busy = False

    def poster(self, told: Mapping[str, Any], picture: bytes) -> bytes:
        if self.busy:
            raise PressBusy("busy")
        self.told.append(told)
        self.pictures.append(picture)
        return b"%PDF-1.7"


@pytest.fixture
def press(app: Flask) -> Remembers:
    made = Remembers()
    app.extensions["instamemes"] = replace(app.extensions["instamemes"], press=made)
    return made


def test_paper_needs_consent_to_schools_and_print_and_a_grade_behind_a_note(
    client: FlaskClient, session: Session, store: MemoryStore, press: Remembers
) -> None:  # fmt: skip
    good = [approved(session, store), approved(session, store, theme="threats", for_screen=True)]
    bad = [
        approved(session, store, consent_print=False), approved(session, store, consent_schools=False),
        approved(session, store, consent_gallery=False), approved(session, store, theme="threats"),
        approved(session, store, text="Это было со мной."), make.pending(session, store=store),
    ]  # fmt: skip
    session.commit()
    for entry in [*good, *bad]:
        expected = 200 if entry in good else 404
        for page in ("poster", "poster-a4.pdf", "poster-a3.pdf"):
            assert client.get(f"/en/gallery/{entry.id}/{page}").status_code == expected
        offered = f"/en/gallery/{entry.id}/poster" in client.get(f"/en/gallery/{entry.id}").text
        assert offered is (entry in good)
    for unknown in (f"{uuid4()}/poster-a4.pdf", f"{good[0].id}/poster-a5.pdf", f"{good[0].id}/poster.pdf"):
        assert client.get(f"/en/gallery/{unknown}").status_code == 404


def test_what_is_taken_back_has_no_poster_at_once(
    client: FlaskClient, session: Session, store: MemoryStore, press: Remembers
) -> None:  # fmt: skip
    entry = approved(session, store)
    address = f"/fr/gallery/{entry.id}/poster-a4.pdf"
    tag = client.get(address).headers["ETag"]
    consents.choose(session, entry, Consents(gallery=True, schools=True, printing=False), store=store)
    session.commit()
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 404
    consents.choose(session, entry, Consents(gallery=True, schools=True, printing=True), store=store)
    session.commit()
    assert client.get(address).status_code == 200
    entries.withdraw(session, entry, store=store)
    session.commit()
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 404


@ON_ONE
def test_a_collection_offers_posters_where_there_may_be_one(client: FlaskClient, session: Session, store: MemoryStore) -> None:
    good, bad = approved(session, store), approved(session, store, consent_print=False)
    made, _key = collections.begin(session, "k" * 64, Wording("Two"))
    for entry in (good, bad):
        collections.add(session, made, entry.id)
    session.commit()
    page = client.get(f"/en/c/{made.short}").text
    assert f"/en/gallery/{good.id}/poster" in page
    assert f"/en/gallery/{bad.id}/poster" not in page


@ON_ONE
def test_a_poster_is_a_file_that_is_made_once_and_soon_forgotten(
    client: FlaskClient, session: Session, store: MemoryStore, press: Remembers
) -> None:  # fmt: skip
    entry = approved(session, store)
    address = f"/ar/gallery/{entry.id}/poster-a3.pdf"
    answer = client.get(address)
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="insta-memes-story-a3.pdf"'
    assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert "noarchive" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert len(press.told) == 1
    help.confirm(session, "police", privacy.now().date())  # what it says of help has changed
    session.commit()
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


@ON_ONE
def test_the_sheet_says_what_the_pages_say(client: FlaskClient, session: Session, store: MemoryStore, press: Remembers) -> None:
    tried = privacy.now().date() - timedelta(days=3)
    help.confirm(session, "police", tried)
    entry = approved(session, store, kind="solution", theme="threats", for_screen=True, text="One. Two\nthree.", language="en")
    client.get(f"/fr/gallery/{entry.id}/poster-a4.pdf")
    (told,) = press.told
    assert (told["paper"], told["lang"], told["rtl"], told["kind"]) == ("a4", "fr", False, "solution")
    assert told["words"] == {"lang": "en", "rtl": False, "sentences": ["One. ", "Two\n", "three."]}
    assert told["note"] == "Cette création parle peut-être d'un moment difficile."
    assert told["question"]["text"] == "À quels adultes peut-on parler d'une menace\u00a0?"
    assert told["code"]["alt"] == f"http://localhost/fr/gallery/{entry.id}"
    assert {one["value"]: one["note"] for one in told["help"]["numbers"]} == {
        "2511": "(pas encore vérifié)", "19": f"Informations vérifiées le {tried}.", "177": "(pas encore vérifié)",
    }  # fmt: skip
    assert str(entry.published_on) not in str(told)


@ON_ONE
@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
@pytest.mark.parametrize("kind", ["meme", "story", "solution"])
def test_each_kind_has_a_poster_in_each_language(
    client: FlaskClient, session: Session, store: MemoryStore, lang: str, kind: str
) -> None:  # fmt: skip
    picture = saved(photo(160, 120), "WEBP") if kind == "meme" else None
    words = {"caption": "قف عندك", "text": ""} if kind == "meme" else {"text": "قف عندك"}
    entry = approved(session, store, kind=kind, image=picture, **words)
    if picture:
        entry.renditions = entry.renditions[:1]  # of two that are the same
        session.commit()
    pdf = client.get(f"/{lang}/gallery/{entry.id}/poster-a4.pdf").data
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    assert "قف عندك" in document[0].get_textpage().get_text_bounded()


@ON_ONE
def test_a_busy_press_and_a_greedy_network_get_a_kind_page(
    client: FlaskClient, session: Session, store: MemoryStore, press: Remembers, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    address = f"/en/gallery/{approved(session, store).id}/poster-a4.pdf"

    def asked(network: str = "203.0.113.5") -> int:
        answer = client.get(address, environ_overrides={"REMOTE_ADDR": network})
        assert answer.status_code == 200 or "The press is busy" in answer.text
        assert answer.status_code == 200 or answer.headers["Retry-After"] == "5"
        return answer.status_code

    press.busy = True
    assert asked() == 503
    press.busy = False
    monkeypatch.setattr(views, "OWN", 2)
    monkeypatch.setattr(views, "ALL", 3)
    assert [asked(), asked(), asked("198.51.100.7"), asked("192.0.2.9")] == [200, 503, 200, 503]


def facts(*sizes: tuple[str, str, int, int]) -> list[dict[str, Any]]:
    return [dict(zip(("name", "format", "width", "height"), size, strict=True)) for size in sizes]


def test_the_largest_picture_that_stands_still_and_is_not_too_dear_is_printed() -> None:
    usual = facts(("800.webp", "webp", 800, 600), ("1600.webp", "webp", 1600, 1200), ("800.jpg", "jpeg", 800, 600),
                  (PREVIEW, "jpeg", 1200, 630))  # fmt: skip
    assert (sheet.picture(usual, animated=False) or {})["name"] == "1600.webp"
    assert (sheet.picture(usual, animated=True) or {})["name"] == "800.jpg"
    tall = facts(("800.webp", "webp", 800, 3200), ("1600.webp", "webp", 1600, 1700))
    assert (sheet.picture(tall, animated=False) or {})["name"] == "800.webp"
    assert sheet.picture([], animated=False) is None


def test_sentences_together_are_the_text_and_none_is_too_long() -> None:
    for text in ("One. Two! Three?\n\nفور؟ خمسة.", "word " * 200, "x" * 900, "a\u200bb" * 300):
        parts = sheet.sentences(text)
        assert "".join(parts) == text
        assert max(map(len, parts)) <= sheet.LONGEST
