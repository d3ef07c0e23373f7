"""What everyone may see, and what nobody may."""

import base64
import gzip
import random
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from memes import entries, log, privacy, published
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry
from tests import make
from tests.fakes import MemoryStore


def approved(session: Session, store: MemoryStore | None = None, **changes: object) -> Entry:
    entry = make.pending(session, store=store or MemoryStore(), **changes)  # type: ignore[arg-type]
    entries.transition(session, entry, Action.APPROVE, actor="m")
    session.commit()
    return entry


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_gallery_shows_what_is_approved_with_help_on_the_page(
    client: FlaskClient, session: Session, lang: str
) -> None:
    entry = approved(session, text="une histoire")
    answer = client.get(f"/{lang}/gallery")
    assert answer.status_code == 200
    assert str(entry.id) in answer.text
    assert 'id="help"' in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("state", [state for state in State if state is not State.APPROVED])
def test_nothing_in_another_state_is_anywhere_in_public(
    client: FlaskClient, session: Session, store: MemoryStore, state: State
) -> None:
    entry = make.pending(session, store=store, image=b"secret picture", text="secret words")
    session.commit()
    session.execute(update(Entry).values(state=state))
    session.commit()
    for address in (
        "/ar/", "/ar/gallery", f"/ar/gallery/{entry.id}", f"/media/{entry.id}/320.webp", "/api/v1/gallery",
        f"/api/v1/gallery/{entry.id}", f"/media/{entry.id}/800.jpg",
    ):  # fmt: skip
        answer = client.get(address)
        assert b"secret" not in answer.data
        assert str(entry.id) not in answer.text or answer.status_code == 404


def test_pictures_of_approved_entries_are_served_for_a_minute_with_a_name_of_their_content(
    client: FlaskClient, session: Session, store: MemoryStore
) -> None:
    entry = approved(session, store, image=b"clean")
    answer = client.get(f"/media/{entry.id}/320.webp")
    assert (answer.data, answer.mimetype) == (b"clean", "image/webp")
    assert "max-age=55" in answer.headers["Cache-Control"]
    again = client.get(f"/media/{entry.id}/320.webp", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get(f"/media/{entry.id}/999.webp").status_code == 404
    assert client.get(f"/media/{uuid4()}/320.webp").status_code == 404
    assert client.get(f"/media/{entry.id}/../../private").status_code == 404


def test_pages_follow_each_other_without_gap_or_repeat(session: Session) -> None:
    made = set()
    for number in range(30):
        entry = approved(session, text=f"story {number}")
        made.add(entry.id)
    seen: list[object] = []
    cursor = None
    while True:
        page = published.published_page(session, after=cursor, limit=7)
        seen += [card.id for card in page.cards]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == 30
    assert set(seen) == made


def test_filters_narrow_and_unknown_ones_are_left_out(client: FlaskClient, session: Session) -> None:
    story = approved(session, theme="rumours", language="fr")
    other = approved(session, theme="hate", language="ar", kind="solution")
    page = client.get("/en/gallery?theme=rumours&language=fr").text
    assert str(story.id) in page
    assert str(other.id) not in page
    assert str(other.id) in client.get("/en/gallery?kind=solution").text
    everything = client.get("/en/gallery?theme=%00&kind=virus&after=nonsense").text
    assert str(story.id) in everything
    assert str(other.id) in everything


def test_the_region_never_stands_on_a_public_card(client: FlaskClient, session: Session) -> None:
    entry = approved(session, region="MA-07", age="9-11")
    for address in ("/en/gallery", f"/en/gallery/{entry.id}", f"/api/v1/gallery/{entry.id}"):
        page = client.get(address).text
        assert "MA-07" not in page
    assert "region" not in client.get(f"/api/v1/gallery/{entry.id}").json


def test_what_a_child_wrote_cannot_become_markup(client: FlaskClient, session: Session) -> None:
    entry = approved(session, text='<script>alert(1)</script>"><img src=x onerror=alert(1)>')
    for address in ("/ar/gallery", f"/ar/gallery/{entry.id}"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_the_day_of_publication_is_the_finest_time_that_is_public(client: FlaskClient, session: Session) -> None:
    entry = approved(session)
    item = client.get(f"/api/v1/gallery/{entry.id}").json
    assert item is not None
    assert item["published_on"] == privacy.now().date().isoformat()


def test_anybody_can_ask_the_team_to_look_again(client: FlaskClient, database: Database) -> None:
    with database.writes() as session:
        entry = approved(session)
    page = f"/en/gallery/{entry.id}"
    assert "Tell the team" in client.get(page).text
    for reason in ("hurts", "no such reason"):  # the second press changes nothing
        answer = client.post(f"{page}/report", data={"reason": reason})
        assert "The team will look at it" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    with database.reads() as session:
        event = log.of_entry(session, entry.id)[-1]
        assert (event.action, event.actor, event.reason) == (Action.REPORT, "visitor", "hurts")
        assert event.at == privacy.week_of(event.at)
    assert client.get(page).status_code == 200, "it stays until somebody has looked"
    assert client.post("/en/gallery/00000000-0000-4000-8000-000000000000/report").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_a_page_of_the_gallery_is_light_for_a_weak_network(client: FlaskClient, session: Session, lang: str) -> None:
    chance, letters = random.Random(1), "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"  # noqa: S311 - no two captions are alike
    for _ in range(published.PAGE_SIZE):
        words = ["".join(chance.choices(letters, k=chance.randint(3, 8))) for _ in range(40)]
        entry = make.pending(session, image=b"x", caption=" ".join(words[:10]), alt=" ".join(words[10:]))
        entry.placeholder = base64.b64encode(chance.randbytes(200)).decode()  # what stands there before the picture comes
        entries.transition(session, entry, Action.APPROVE, actor="m")
    session.commit()
    answer = client.get(f"/{lang}/gallery", headers={"Accept-Encoding": "gzip"})
    page = gzip.decompress(answer.data).decode()
    assert page.count("data:image/webp;base64,") >= published.PAGE_SIZE
    assert page.count("320w") >= published.PAGE_SIZE
    assert len(answer.data) <= 25_000
