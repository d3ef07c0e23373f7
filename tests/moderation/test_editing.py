"""The editors' desk: drafts, previews, publishing, history, files and channels of help."""

import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from memes import help, log, privacy, writing
from memes.articles import shipped
from memes.db import Database
from memes.models import DeskEvent
from moderation.editing.forms import typed_of
from moderation.roles import Role
from tests.memes.films import MP4, VTT
from tests.moderation.conftest import SignIn
from tests.moderation.people import Browser

# What is asked of the database stands in tests/memes/test_articles.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NEWS = {"title_fr": "Un atelier", "body_fr": "**Venez** tous.", "title_ar": "ورشة", "body_ar": "مرحبا"}
NEW = "/desk/editing/new/news"
ONE = "/desk/editing/news/un-atelier"


@pytest.fixture
def editor(signed_in: SignIn) -> Browser:
    return signed_in(Role.EDITOR)[0]


def seen(browser: Browser, path: str = ONE) -> str:
    found = re.search(r'name="seen" value="(\d+)"', browser.get(path).text)
    assert found
    return found[1]


def deeds(database: Database) -> list[str]:
    with database.reads() as session:
        assert log.broken_at(session, DeskEvent) is None
        return list(session.scalars(select(DeskEvent.action).order_by(DeskEvent.seq)))


def test_an_editor_writes_looks_publishes_restores_and_takes_back(
    editor: Browser, client: FlaskClient, database: Database
) -> None:
    preview = editor.send(NEW, NEW, seen="0", do="preview", **NEWS)
    assert "<strong>Venez</strong>" in preview.text
    assert 'value="Un atelier"' in preview.text
    assert deeds(database) == []
    saved = editor.send(NEW, NEW, seen="0", do="save", **NEWS)
    assert saved.headers["Location"] == ONE
    assert client.get("/fr/news/un-atelier").status_code == 404
    editor.send(ONE, ONE, seen=seen(editor), do="publish", **NEWS)
    assert "<strong>Venez</strong>" in client.get("/fr/news/un-atelier").text
    editor.send(ONE, ONE, seen=seen(editor), do="publish", **NEWS | {"body_fr": "Autre texte."})
    assert "Autre texte." in client.get("/fr/news/un-atelier").text
    assert "<strong>Venez</strong>" in editor.get(f"{ONE}/versions/1").text
    editor.send(f"{ONE}/restore", ONE, seen=seen(editor), number="1")
    assert "Autre texte." in client.get("/fr/news/un-atelier").text
    editor.send(f"{ONE}/publish", ONE, seen=seen(editor))
    assert "<strong>Venez</strong>" in client.get("/fr/news/un-atelier").text
    editor.send(f"{ONE}/unpublish", ONE, seen=seen(editor))
    assert client.get("/fr/news/un-atelier").status_code == 404
    assert deeds(database) == [
        "save_article", "publish_article", "save_article", "publish_article", "restore_article", "publish_article",
        "unpublish_article",
    ]  # fmt: skip
    page = editor.get(ONE).text
    assert page.count("/versions/") == 3


def test_of_two_editors_the_second_loses_nothing_and_sees_what_the_first_wrote(editor: Browser, signed_in: SignIn) -> None:
    editor.send(NEW, NEW, seen="0", do="save", **NEWS)
    before = seen(editor)
    other, _who = signed_in(Role.ADMIN)
    other.send(ONE, ONE, seen=before, do="save", **NEWS | {"body_fr": "Texte de l'autre."})
    late = editor.send(ONE, ONE, seen=before, do="publish", **NEWS | {"body_fr": "Mon texte."})
    assert late.status_code == 409
    assert "Mon texte." in late.text
    assert "Texte de l&#39;autre." in late.text
    again = re.search(r'name="seen" value="(\d+)"', late.text)
    assert again
    done = editor.send(ONE, ONE, seen=again[1], do="save", **NEWS | {"body_fr": "Mon texte."})
    assert done.status_code == 303
    assert "Texte de l'autre." in editor.get(f"{ONE}/versions/2").text


def test_what_cannot_be_stays_in_the_form_with_why(editor: Browser, database: Database) -> None:
    new = "/desk/editing/new/event"
    answer = editor.send(new, new, seen="0", do="publish", title_fr="Journée", body_ar="بلا عنوان", first_day="2026-12-04",
                         last_day="2026-12-03", begins_at="10:00", ends_at="09:00")  # fmt: skip
    assert answer.status_code == 422
    for field in ("title_ar", "last_day", "ends_at"):
        assert f'id="{field}-error"' in answer.text
    assert 'value="Journée"' in answer.text
    dayless = editor.send(new, new, seen="0", do="publish", title_fr="Journée")
    assert (dayless.status_code, 'id="first_day-error"' in dayless.text) == (422, True)
    with database.reads() as session:
        assert writing.everything(session, "event") == []
    assert editor.send(NEW, NEW, seen="0", do="save").status_code == 422
    assert editor.send(NEW, NEW, do="save", **NEWS).status_code == 400


def test_a_film_is_published_with_captions_only_and_its_files_can_be_looked_at_before(
    editor: Browser, client: FlaskClient, database: Database
) -> None:
    new, one = "/desk/editing/new/resource", "/desk/editing/resource/film"
    words = {"title_fr": "Film", "audiences": ["children"], "licence": "cc-by-4.0", "form": "capsule"}
    editor.send(new, new, seen="0", do="save", file=(io.BytesIO(MP4), "../../x.exe"), file_language="fr", **words)
    with database.reads() as session:
        [film] = writing.newest(session, "resource", "film").content.files
    kept = {"files": [f"{film.id}:fr"]}
    assert editor.get(f"/desk/editing/files/{film.id}").data == MP4
    assert client.get(f"/files/{film.id}").status_code == 404
    refused = editor.send(one, one, seen=seen(editor, one), do="publish", **words | kept)
    assert (refused.status_code, 'id="captions-error"' in refused.text) == (422, True)
    broken = editor.send(one, one, seen=seen(editor, one), do="save", file=(io.BytesIO(b"MZ"), "x.pdf"), **words | kept)
    assert (broken.status_code, 'id="file-error"' in broken.text) == (422, True)
    captions = {"file": (io.BytesIO(VTT), "x"), "file_language": "ar"}
    done = editor.send(one, one, seen=seen(editor, one), do="publish", **words | kept | captions)
    assert done.status_code == 303
    page = client.get("/fr/resources/film").text
    assert re.search(r'<track kind="captions" src="/files/[0-9a-f-]{36}" srclang="ar" label="العربية" default>', page)
    assert "CC BY 4.0" in page
    with database.reads() as session:
        both = [f"{file.id}:{file.language}" for file in writing.newest(session, "resource", "film").content.files]
    editor.send(one, one, seen=seen(editor, one), do="publish", files=both, drop=[str(film.id)], **words)
    assert client.get(f"/files/{film.id}").status_code == 404


def test_a_channel_is_confirmed_hidden_shown_and_changed(editor: Browser, client: FlaskClient, database: Database) -> None:
    overview = editor.get("/desk/editing").text
    assert overview.count("people__one--due") == sum(one.show_by_default for one in help.taxonomy().channels.values())
    base = "/desk/editing/channel/police"
    assert editor.send(f"{base}/confirm", "/desk/editing", value="17").status_code == 409
    editor.send(f"{base}/confirm", "/desk/editing", value="19")
    with database.reads() as session:
        assert help.confirmed_on(session, "police", "19") == privacy.now().date()
        content = writing.newest(session, "channel", "police").content
    assert editor.get("/desk/editing").text.count("people__one--due") == overview.count("people__one--due") - 1
    typed = {name: value for name, value in typed_of(content).items() if value} | {"body_fr": "Jour et nuit"}
    for value, status in (("dix-neuf", 422), ("https://police.example", 422), ("190", 303)):
        assert editor.send(base, base, seen=seen(editor, base), do="publish", **typed | {"value": value}).status_code == status
    page = client.get("/fr/help").text
    assert all(said in page for said in ("tel:190", "Jour et nuit"))
    with database.reads() as session:
        assert help.confirmed_on(session, "police", "190") is None
    editor.send(f"{base}/unpublish", "/desk/editing", seen=seen(editor, base))
    assert "tel:190" not in client.get("/fr/help").text
    editor.send(f"{base}/publish", "/desk/editing", seen=seen(editor, base))
    assert "tel:190" in client.get("/fr/help").text
    assert editor.get("/desk/editing/channel/nobody").status_code == 404
    assert deeds(database)[0] == "confirm_channel"


def test_a_channel_that_an_editor_adds_is_unverified_until_somebody_has_tried_it(
    editor: Browser, client: FlaskClient, database: Database
) -> None:
    new = "/desk/editing/new/channel"
    assert new in editor.get("/desk/editing").text
    typed = {f"title_{lang}": f"Écoute jeunes {lang}" for lang in ("ar", "fr", "en")} | {"value": "0801 00 20 30"}
    refused = editor.send(new, new, seen=0, do="publish", **typed)
    assert refused.status_code == 422
    assert 'id="form-error"' in refused.text
    assert editor.send(new, new, seen=0, do="publish", form="talk", **typed | {"value": "javascript:x"}).status_code == 422
    made = editor.send(new, new, seen=0, do="publish", form="talk", **typed)
    assert made.headers["Location"] == "/desk/editing/channel/ecoute-jeunes-fr"
    page = client.get("/fr/help").text
    assert "tel:0801002030" in page
    with database.reads() as session:
        [checked] = [one for one in help.doors(session)["talk"] if one.channel.id == "ecoute-jeunes-fr"]
        assert (checked.confirmed_on, checked.channel.kind) == (None, "phone")
    editor.send("/desk/editing/channel/ecoute-jeunes-fr/confirm", "/desk/editing", value="0801 00 20 30")
    with database.reads() as session:
        assert help.confirmed_on(session, "ecoute-jeunes-fr", "0801 00 20 30") == privacy.now().date()
    base = "/desk/editing/channel/ecoute-jeunes-fr"
    editor.send(f"{base}/unpublish", "/desk/editing", seen=seen(editor, base))
    assert "tel:0801002030" not in client.get("/fr/help").text


def test_what_is_shipped_is_edited_like_all_else(editor: Browser, client: FlaskClient) -> None:
    about = "/desk/editing/about/campaign"
    page = editor.get(about).text
    assert shipped("about")[0].content.words["fr"].title in page
    assert 'name="seen" value="0"' in page
    editor.send(about, about, seen="0", do="save", title_fr="Autre", body_fr="Brouillon")
    assert "CMRPI" in client.get("/fr/about").text
    editor.send(about, about, seen=seen(editor, about), do="publish", title_fr="Autre", body_fr="Publié")
    assert "Publié" in client.get("/fr/about").text
    editor.send(f"{about}/restore", about, seen=seen(editor, about), number="1")
    editor.send(f"{about}/publish", about, seen=seen(editor, about))
    assert "CMRPI" in client.get("/fr/about").text


def test_an_admin_reads_in_the_log_which_text_it_was(editor: Browser, signed_in: SignIn) -> None:
    editor.send(NEW, NEW, seen="0", do="save", **NEWS)
    admin, _who = signed_in(Role.ADMIN)
    assert "news/un-atelier" in admin.get("/desk/audit?log=desk").text


def test_words_typed_when_a_session_ran_out_come_back(
    editor: Browser, signed_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, who = signed_in(Role.EDITOR)
    page = browser.get(NEW)
    later = privacy.now() + timedelta(minutes=40)
    monkeypatch.setattr(privacy, "now", lambda: later)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    browser.client.post(NEW, data={"csrf_token": token[1], "seen": "0", "do": "save", **NEWS})
    browser.sign_in(who, database)
    assert 'value="Un atelier"' in browser.get("/desk/kept").text
