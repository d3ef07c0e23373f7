"""What there is for schools: the page for teachers, and what stands on a classroom screen."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from memes import collections, consents, entries, help, privacy, published
from memes.collections import Wording
from memes.consents import Consents
from memes.lifecycle import Action
from memes.models import Entry
from memes.schools import show
from memes.schools.deck import BETWEEN, PART, parts
from tests import make
from tests.fakes import MemoryStore

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # how pages are built


def graded(session: Session, *, for_screen: bool = True, store: MemoryStore | None = None, **changes: object) -> Entry:
    entry = make.pending(session, store=store or MemoryStore(), **changes)  # type: ignore[arg-type]
    entry.for_screen = for_screen
    if entry.theme in ("grooming", "threats"):
        entries.transition(session, entry, Action.ENDORSE, actor="n")
        entry.for_screen = for_screen
    entries.transition(session, entry, Action.APPROVE, actor="m")
    session.commit()
    return entry


def shown(client: FlaskClient, query: str = "") -> set[UUID]:
    """The entries on the page; the list for scripts has the same."""
    on_page = {UUID(found) for found in re.findall(r'data-entry="([^"]+)"', client.get(f"/ar/screen{query}").text)}
    listed = client.get(f"/ar/screen/entries.json{query}").json
    assert listed is not None
    assert {UUID(entry) for entry in listed["entries"]} == on_page
    return on_page


@ON_ONE
@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_teachers_find_their_page_and_the_screen_from_every_other_one(client: FlaskClient, lang: str) -> None:
    assert f'href="/{lang}/schools"' in client.get(f"/{lang}/").text
    for path, leads_to in (("schools", "screen/start"), ("schools", "gallery"), ("screen/start", "schools")):
        answer = client.get(f"/{lang}/{path}")
        assert f'href="/{lang}/{leads_to}"' in answer.text
        assert "Set-Cookie" not in answer.headers


def test_only_what_is_public_graded_and_allowed_in_schools_stands_on_a_screen(client: FlaskClient, session: Session) -> None:
    good = graded(session)
    graded(session, for_screen=False)
    graded(session, consent_schools=False)
    graded(session, consent_gallery=False)
    waits = make.pending(session)
    waits.for_screen = True  # no program does this
    session.commit()
    assert shown(client) == {good.id}


@pytest.mark.parametrize("way", ["withdraw", "take_down", "schools"])
def test_what_is_taken_back_is_off_at_once(client: FlaskClient, session: Session, way: str) -> None:
    gone, stays = graded(session), graded(session)
    before = client.get("/fr/screen/entries.json")
    assert shown(client) == {gone.id, stays.id}
    if way == "withdraw":
        entries.withdraw(session, gone, store=MemoryStore())
    elif way == "take_down":
        entries.transition(session, gone, Action.TAKE_DOWN, actor="m", reason="other")
    else:
        consents.choose(session, gone, Consents(gallery=True, schools=False, printing=False), store=MemoryStore())
    session.commit()
    assert shown(client) == {stays.id}
    again = client.get("/fr/screen/entries.json", headers={"If-None-Match": before.headers["ETag"]})
    assert again.status_code == 200


@ON_ONE
def test_a_screen_that_has_all_of_it_is_told_nothing(client: FlaskClient, session: Session) -> None:
    graded(session)
    first = client.get("/fr/screen/entries.json?theme=rumours")
    again = client.get("/fr/screen/entries.json?theme=rumours", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    help.confirm(session, "police", privacy.now().date())
    session.commit()
    changed = client.get("/fr/screen/entries.json?theme=rumours")
    assert first.json is not None
    assert changed.json is not None
    assert changed.json["entries"] == first.json["entries"]
    assert changed.json["release"] != first.json["release"], "the page is loaded anew"


def test_a_show_is_of_one_theme_one_language_or_chosen_entries_in_their_order(client: FlaskClient, session: Session) -> None:
    rumour, hate, french = graded(session), graded(session, theme="hate"), graded(session, language="fr")
    assert shown(client, "?theme=hate") == {hate.id}
    assert shown(client, "?theme=rumours&language=fr") == {french.id}
    assert shown(client, "?theme=&language=&speed=hand&from=&to=07:00") == {rumour.id, hate.id, french.id}
    hidden = graded(session, for_screen=False)
    for order in ([french, rumour], [rumour, french]):
        cards = published.screen_cards(session, chosen=[entry.id for entry in [*order, hidden]])
        assert [card.id for card in cards] == [entry.id for entry in order]
    assert published.screen_cards(session, chosen=[]) == []


def test_a_collection_can_be_shown_too_as_far_as_it_is_graded(client: FlaskClient, session: Session) -> None:
    made, _key = collections.begin(session, "k" * 64, Wording("A lesson"))
    first, _other, hidden, second = graded(session), graded(session), graded(session, for_screen=False), graded(session)
    for entry in (second, hidden, first):
        collections.add(session, made, entry.id)
    session.commit()
    listed = client.get(f"/fr/screen/entries.json?collection={made.short}").json
    assert listed is not None
    assert listed["entries"] == [str(second.id), str(first.id)]
    assert shown(client, f"?collection={made.short}") == {first.id, second.id}
    assert shown(client, "?collection=00000000") == set()
    start = client.get(f"/fr/screen/start?collection={made.short}").text
    assert f'name="collection" value="{made.short}"' in start
    assert f"/fr/screen/start?collection={made.short}" in client.get(f"/fr/c/{made.short}").text


@ON_ONE
def test_a_hard_entry_has_a_note_before_it_and_every_entry_has_both_questions(client: FlaskClient, session: Session) -> None:
    hard, easy = graded(session, theme="threats"), graded(session)
    page = client.get("/en/screen").text
    for entry, kinds in ((hard, ["note", "entry", "questions"]), (easy, ["entry", "questions"])):
        assert re.findall(rf'slide--(\w+)" id="[^"]+" data-seconds="\d+" data-entry="{entry.id}"', page) == kinds
    assert page.count("slide__ask") == 4


@ON_ONE
def test_help_numbers_say_that_nobody_has_checked_them_until_somebody_has(client: FlaskClient, session: Session) -> None:
    page = client.get("/en/screen").text
    assert page.count("The team has not checked these details yet.") == 3
    assert "(not checked yet)" in page
    help.confirm(session, "police", privacy.now().date())
    session.commit()
    page = client.get("/en/screen").text
    assert page.count("The team has not checked these details yet.") == 2
    foot = page.partition("screen__bar--foot")[2]
    assert "<b>19</b>" in foot
    assert "<b>177</b>" not in foot
    assert "(not checked yet)" not in foot


@ON_ONE
def test_without_a_script_links_lead_through_the_whole_show_and_round_again(client: FlaskClient, session: Session) -> None:
    graded(session, text="Un. " * 200)
    page = client.get("/fr/screen").text
    slides = re.findall(r'<section class="slide [^"]*" id="([^"]+)"', page)
    turns = re.findall(r'<nav class="slide__turn".*?href="#([^"]+)".*?href="#([^"]+)"', page, flags=re.DOTALL)
    assert turns == list(zip(slides[-1:] + slides[:-1], slides[1:] + slides[:1], strict=True))
    assert len(set(slides)) == len(slides) > 5


@ON_ONE
def test_the_three_that_come_between_are_in_every_show(client: FlaskClient, session: Session) -> None:
    for many in (0, 1, 10):
        while len(published.screen_cards(session)) < many:
            graded(session)
        kinds = re.findall(r'class="slide slide--(\w+)"', client.get("/en/screen").text)
        assert kinds[0] == "rules"
        assert set(BETWEEN) <= set(kinds)
        assert ("empty" in kinds) == (many == 0)
        assert [kind for kind in kinds[1:] if kind in BETWEEN][:2] == ["help", "share"]


@pytest.mark.parametrize("text", ["Court.", "Une phrase. " * 100, "x" * 900, "سطر أول\nسطر ثان؟ " * 40, "a b " * 500])
def test_a_long_text_is_broken_into_slides_and_loses_nothing(text: str) -> None:
    pieces = parts(text)
    assert all(0 < len(piece) <= PART for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)
    assert len(pieces) <= len(text) // (PART // 2) + 1


def test_a_sentence_stays_in_one_piece_where_it_can() -> None:
    assert all(piece.endswith("fin.") for piece in parts("Un deux trois quatre fin. " * 60))


def test_a_show_knows_what_it_can_be_asked_for() -> None:
    wanted = show.asked({"theme": "hate", "language": "fr", "speed": "slow", "from": "18:00", "to": "07:30"})
    assert wanted == show.Show({"theme": "hate", "language": "fr"}, "slow", "18:00", "07:30")
    assert (wanted.pace, wanted.query) == (1.6, "?theme=hate&language=fr")


@pytest.mark.parametrize(
    "odd", [{}, {"theme": "x", "speed": "x", "from": "25:00", "to": "07:00"}, {"from": "07:00", "to": "07:00"}, {"from": "07:00"}]
)
def test_what_a_show_does_not_know_is_left_out(odd: dict[str, str]) -> None:
    assert show.asked(odd) == show.Show()


