"""Every feed, frame and calendar that other programs read is held to its format by a validator: libxml2, jsonschema, icalendar.

No maintained validator of feeds is to be had for Python, so what the formats ask for stands in `schemas/`.
"""

import json
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Component
from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree
from sqlalchemy.orm import Session

from memes import writing
from memes.articles import LANGUAGES, Content, Words
from memes.models import Entry
from tests.fakes import MemoryStore
from tests.memes.test_search import approved

SCHEMAS = Path(__file__).with_name("schemas")
ATOM = etree.RelaxNG(file=str(SCHEMAS / "atom.rng"))
FORMATS = FormatChecker(["date-time"])

TRICKY = 'كلمة <b>مائلة</b> & "بين قوسين"\n]]> 🦔 ' + "كلمات طويلة " * 20
PLACES = [*(f"/{lang}" for lang in LANGUAGES), ""]
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FORMATS)


@pytest.fixture
def gallery(session: Session, store: MemoryStore) -> list[Entry]:
    """Something of every kind in every language, with all that can be difficult."""
    shown = [approved(session, text=TRICKY, language=tongue) for tongue in ("ar", "ary", "zgh", "fr", "en", "other")]
    shown += [approved(session, text="vu", language=lang, theme="threats") for lang in LANGUAGES]
    shown += [
        approved(session, store=store, image=b"clean", kind="meme", text="", caption=TRICKY[:60], alt="", language=lang,
                 preview=True)
        for lang in LANGUAGES
    ]  # fmt: skip
    session.commit()
    return shown


def addresses(name: str, places: list[str]) -> list[str]:
    return [f"{place}/{name}{query}" for place in places for query in ("", "?theme=threats", "?theme=hacking", "?theme=none")]


@ONE_DATABASE
def test_every_atom_feed_is_valid(client: FlaskClient, gallery: list[Entry]) -> None:
    entries = 0
    for address in addresses("feed.atom", PLACES):
        document = etree.fromstring(client.get(address).data)
        assert ATOM.validate(document), f"{address}: {ATOM.error_log}"
        identities = document.xpath("//*[local-name()='id']/text()")
        assert len(set(identities)) == len(identities)
        entries += len(identities) - 1
    assert entries > 2 * len(gallery)


@ONE_DATABASE
def test_every_json_feed_is_valid(client: FlaskClient, gallery: list[Entry]) -> None:
    judge, items = validator("json-feed"), 0
    for address in addresses("feed.json", PLACES[:-1]):
        feed = client.get(address).json
        assert feed is not None
        assert not list(judge.iter_errors(feed)), address
        items += len(feed["items"])
    assert items > len(gallery)


@ONE_DATABASE
def test_every_oembed_answer_is_valid_in_both_forms_and_both_say_the_same(client: FlaskClient, gallery: list[Entry]) -> None:
    judge = validator("oembed")
    for entry in gallery:
        for lang in LANGUAGES:
            address = f"/oembed?url={quote(f'http://localhost/{lang}/gallery/{entry.id}', safe='')}"
            told = client.get(address).json
            assert told is not None
            assert not list(judge.iter_errors(told)), address
            document = etree.fromstring(client.get(f"{address}&format=xml").data)
            assert document.tag == "oembed"
            assert {part.tag: part.text for part in document} == {name: str(value) for name, value in told.items()}
            assert len(document) == len(told)


@ONE_DATABASE
def test_every_calendar_is_valid(client: FlaskClient, session: Session) -> None:
    for lang in LANGUAGES:
        must_be_a_calendar(client.get(f"/{lang}/events.ics").data, 0)
    said = {lang: Words("Une journée, à l'école; gratuite", TRICKY, "x") for lang in LANGUAGES}
    for number, content in enumerate((
        Content(said, "workshop", ("teachers",), "MA-04", date(2026, 12, 4), begins_at=time(10), ends_at=time(12, 30)),
        Content(said, "conference", ("parents",), None, date(2026, 12, 31), date(2027, 1, 2)),
        Content(said, "workshop", ("teachers",), "MA-01", date(2027, 3, 1), begins_at=time(9)),
    )):  # fmt: skip
        article = writing.create(session, "event", content, editor="ed")
        writing.publish(session, article)
        session.commit()
        for lang in LANGUAGES:
            must_be_a_calendar(client.get(f"/{lang}/events/{article.slug}.ics").data, 1)
            must_be_a_calendar(client.get(f"/{lang}/events.ics").data, number + 1)


def must_be_a_calendar(data: bytes, least: int) -> None:
    """RFC 5545: lines of at most 75 octets that end with CRLF, and what each part must and may hold."""
    lines = data.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    data.decode("utf-8")
    calendar = Calendar.from_ical(data)
    assert isinstance(calendar, Calendar)
    calendar.validate()
    for part in parts(calendar):
        assert not part.errors
        assert all(name in part for name in part.required)
        assert not [name for name in part.singletons if isinstance(part.get(name), list)]
        assert len([name for name in part.exclusive if name in part]) <= 1
    events = calendar.walk("VEVENT")
    assert len(events) >= least
    assert len({str(event["UID"]) for event in events}) == len(events)
    assert all(event.start < event.end or "DTEND" not in event for event in events)


def parts(component: Component) -> Iterator[Any]:
    """The calendar and all that is in it."""
    yield component
    for inner in component.subcomponents:
        yield from parts(inner)


@pytest.mark.parametrize("missing", ["<author><name>x</name></author>", "<id>urn:x</id>", "T00:00:00Z"])
def test_the_schema_of_atom_refuses_what_is_wrong(missing: str) -> None:
    sound = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id><title>x</title><updated>2026-01-01T00:00:00Z</updated>"
        "<author><name>x</name></author></feed>"
    )
    assert ATOM.validate(etree.fromstring(sound)), ATOM.error_log
    assert not ATOM.validate(etree.fromstring(sound.replace(missing, "")))
