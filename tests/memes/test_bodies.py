"""Who sends slowly waits by himself."""

import io
from collections.abc import Iterable
from threading import Event, Thread
from typing import Any

from memes.bodies import BodiesFirst


class Slow(io.BytesIO):
    """A body whose first byte comes when it is told to."""

    def __init__(self, words: bytes, come: Event) -> None:
        super().__init__(words)
        self._come = come

    def read(self, size: int | None = -1) -> bytes:
        assert self._come.wait(60)
        return super().read(size)


def echo(environ: dict[str, Any], _start: Any) -> Iterable[bytes]:
    return [environ["CONTENT_LENGTH"].encode(), b" ", environ["wsgi.input"].read()]


def test_a_slow_body_is_in_nobodys_way_and_arrives_whole() -> None:
    app, come, heard = BodiesFirst(echo, 100), Event(), []
    slow = {"CONTENT_LENGTH": "4", "wsgi.input": Slow(b"slow", come)}
    waiting = Thread(target=lambda: heard.append(b"".join(app(slow, None))))
    waiting.start()
    assert b"".join(app({"CONTENT_LENGTH": "4", "wsgi.input": io.BytesIO(b"fast")}, None)) == b"4 fast"
    assert heard == []
    come.set()
    waiting.join(60)
    assert heard == [b"4 slow"]


def test_no_more_is_read_than_shows_that_it_is_too_much() -> None:
    app, endless = BodiesFirst(echo, 100), io.BytesIO(bytes(1000))
    answer = b"".join(app({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": endless}, None))
    assert (answer[:4], endless.tell()) == (b"101 ", 101)


def test_a_body_that_says_it_is_too_long_is_not_read_at_all() -> None:
    for length in ("101", "-1", "ten", "0", "²"):
        body = io.BytesIO(b"x" * 200)
        assert b"".join(BodiesFirst(echo, 100)({"CONTENT_LENGTH": length, "wsgi.input": body}, None)).endswith(b"x" * 200)
