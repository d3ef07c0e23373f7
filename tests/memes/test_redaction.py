"""Covering words, and what is kept of it."""

import json
import math

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import entries, pictures, redaction
from memes.errors import Incomplete, StaleDecision
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent
from memes.redaction import Box, Span
from tests import make
from tests.fakes import MemoryStore, RecordingQueue


def covers(
    session: Session, entry: Entry, *spans: tuple[Span, str], boxes: list[tuple[Box, str]] | None = None
) -> None:
    redaction.redact(
        session, entry, boxes or [], spans, actor="m", seen=entry.version, queue=RecordingQueue()
    )  # fmt: skip


def span(entry: Entry, field: str, words: str) -> Span:
    start = getattr(entry, field).index(words)
    return Span(field, start, start + len(words))


def test_covered_words_are_nowhere_any_more_and_their_places_stay_right(session: Session, store: MemoryStore) -> None:
    said = "Karim et Fatima Zahra, 0612345678, au collège Ibn Khaldoun"
    entry = make.pending(session, text=said, caption="Karim !", store=store, image=b"picture")
    covers(session, entry, (span(entry, "text", "Fatima"), "name"), (span(entry, "text", "Zahra,"), "name"))
    assert entry.text == "Karim et […] 0612345678, au collège Ibn Khaldoun"
    assert entry.state is State.RECEIVED
    assert entry.source is None  # the picture is not touched for words
    assert entries.settle(session, entry.id, None, None, store=store)
    covers(session, entry, (span(entry, "text", "0612345678,"), "phone"), (span(entry, "text", "Karim"), "name"),
           (span(entry, "caption", "Karim"), "name"))  # fmt: skip
    assert (entry.text, entry.caption) == ("[…] et […] […] au collège Ibn Khaldoun", "[…] !")
    session.commit()
    places = sorted((item["field"], item["at"], item["kind"]) for item in entry.redactions)
    assert places == [("caption", 0, "name"), ("text", 0, "name"), ("text", 7, "name"), ("text", 11, "phone")]
    assert len({item["version"] for item in entry.redactions}) == 2
    kept = [str(row) for table in (Entry, EntryEvent) for row in session.execute(select(table.__table__))]
    assert not [word for word in ("Karim", "Fatima", "Zahra", "0612345678") if word in json.dumps(kept)]


def test_a_cover_over_covers_swallows_them(session: Session) -> None:
    entry = make.pending(session, text="un deux trois quatre")
    covers(session, entry, (span(entry, "text", "deux"), "name"))
    entries.transition(session, entry, Action.SETTLE, actor="worker")
    covers(session, entry, (span(entry, "text", "[…] trois"), "school"))
    assert entry.text == "un […] quatre"
    assert [item["at"] for item in entry.redactions] == [3, 3]


@pytest.mark.parametrize(
    ("span", "kind", "field"),
    [
        (Span("text", 0, 99), "name", "words"), (Span("text", 2, 2), "name", "words"), (Span("note", 0, 1), "name", "words"),
        (Span("text", -2, 2), "name", "words"), (Span("text", 0, 2), "nose", "words"), (None, "face", "boxes"),
        (None, "", "redaction"),
    ],
)  # fmt: skip
def test_what_cannot_be_covered_changes_nothing(session: Session, span: Span | None, kind: str, field: str) -> None:
    entry = make.pending(session, text="abcdef")
    boxes = [(Box(0, 0, 1, 1), kind)] if not span and kind else []
    with pytest.raises(Incomplete) as refused:
        covers(session, entry, *([(span, kind)] if span else []), boxes=boxes)
    assert refused.value.field == field
    assert (entry.text, entry.state, entry.redactions) == ("abcdef", State.PENDING, [])
    with pytest.raises(StaleDecision):
        redaction.redact(session, entry, [], [(Span("text", 0, 2), "name")], actor="m", seen=99, queue=RecordingQueue())


@pytest.mark.parametrize(
    "sides", [(-0.1, 0, 1, 1), (0, 0, 0, 1), (0.5, 0, 0.6, 1), (math.nan, 0, 1, 1), (0, math.inf, 1, 1), (0, 0, 1, 1.2)]
)
def test_a_box_lies_on_the_picture(sides: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="picture"):
        Box(*sides)
    assert Box(0.5, 0.5, 0.505, 0.5).sides == [0.5, 0.5, 0.5, 0.5]


def test_a_new_sending_begins_anew_and_withdrawing_keeps_nothing(session: Session, store: MemoryStore) -> None:
    queue = RecordingQueue()
    entry = make.pending(session, text="Karim", store=store, image=b"picture")
    covers(session, entry, (Span("text", 0, 5), "name"), boxes=[(Box(0, 0, 0.5, 0.5), "face")])
    assert entry.source == pictures.rendition_key(entry.id, entry.renditions[0]["file"])
    assert entries.settle(session, entry.id, entry.source, make.clean_image(entry.id, b"covered", store), store=store)
    entries.transition(session, entry, Action.ASK_CHANGES, actor="m", reason="face", marks=[[0, 0, 0.5, 0.5]])
    assert entry.marks == [[0, 0, 0.5, 0.5]]
    entries.resubmit(session, entry, make.draft(kind="meme"), None, store=store, queue=queue)
    assert ([item["kind"] for item in entry.redactions], entry.marks) == (["face"], [])
    entries.withdraw(session, entry, store=store)
    assert (entry.redactions, entry.faces) == ([], [])
