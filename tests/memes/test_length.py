"""What is answered to a receipt has one length, whatever it says: it travels encrypted, but its length is seen on the way."""

import gzip
import hashlib
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from memes import compression, entries, messages, receipts
from memes.db import Database
from memes.lifecycle import Action
from memes.taxonomy import taxonomy
from tests import make

#: The ways to all that a child can be answered.
WAYS: tuple[tuple[tuple[Action, ...], str | None], ...] = (
    ((), None),
    ((Action.SETTLE,), None),
    ((Action.SETTLE, Action.APPROVE), None),
    *(((Action.SETTLE, answer), reason) for reason in taxonomy().reasons for answer in (Action.ASK_CHANGES, Action.DECLINE)),
    ((Action.SETTLE, Action.ESCALATE), None),
    ((Action.SETTLE, Action.ESCALATE, Action.SUPPORT), "danger_support"),
    ((Action.SETTLE, Action.SEAL), None),
    ((Action.SETTLE, Action.APPROVE, Action.TAKE_DOWN), "face"),
    ((Action.SPOIL,), "unreadable"),
    ((Action.WITHDRAW,), None),
)


@pytest.fixture(autouse=True)
def _quick_receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "digest", lambda _secret, code: hashlib.sha256(code.encode()).digest())


def codes(database: Database) -> Iterator[str]:
    """The receipt of an entry on each way, and one that opens nothing."""
    for number, (actions, reason) in enumerate(WAYS):
        with database.writing() as session:
            code = f"{number:016d}"
            entry = make.received(session, receipt=receipts.digest("", code))
            for action in actions:
                entries.transition(session, entry, action, actor="m", reason=reason, note="a note of the team")
            entry.removed = ["place", "time", "device"]
            if Action.SUPPORT in actions:
                messages.write(session, entry, "We are here, and we read what you write.", from_child=False)
        yield code
    yield "9" * 16


def test_it_tells_nothing_by_its_length(client: FlaskClient, database: Database, figure: Callable[..., None]) -> None:
    lengths, asked = set(), {"Accept-Encoding": "gzip, br, zstd"}
    for code in codes(database):
        for language in ("ar", "fr", "en"):
            answer = client.post(f"/{language}/receipt", data={"receipt": code}, headers=asked)
            assert (answer.content_length, len(answer.data)) == (compression.PAGE, compression.PAGE), answer.text
            assert answer.content_encoding is None
            lengths.add(answer.content_length)
            told = client.post("/api/v1/receipts", json={"receipt": code}, headers=asked | {"Accept-Language": language})
            assert (told.content_length, len(told.data)) == (compression.DOCUMENT, compression.DOCUMENT), told.text
            assert told.json, "it is what it was for a program"
    figure("receipts.lengths", len(lengths), goal="= 1", unit=f"lengths of pages, {len(WAYS) + 1} answers in 3 languages")


def test_a_wrong_length_too_many_tries_and_what_cannot_be_done_are_as_long(client: FlaskClient) -> None:
    assert client.post("/en/receipt", data={"receipt": "12"}).content_length == compression.PAGE
    assert client.post("/en/receipt/withdraw", data={"receipt": "9" * 16}).content_length == compression.PAGE
    assert client.post("/api/v1/receipts/withdraw", json={"receipt": "12"}).content_length == compression.DOCUMENT


def test_the_empty_page_is_not_filled_up_and_pages_that_anybody_reads_are_compressed(client: FlaskClient) -> None:
    assert len(client.get("/en/receipt").data) % compression.PAGE
    page = client.get("/en/help", headers={"Accept-Encoding": "gzip"})
    assert len(gzip.decompress(page.data)) > len(page.data)
