"""Bodies first: who sends slowly waits by himself, in a thread that does nothing else. For `web`, `kept` and the server.

The server has many threads (`supervisor`), and one at a time works (`InTurn`): that is the fastest here, because Python computes
in one thread anyway. A body is read whole before its turn comes. Without this, a single phone on a weak network, or anybody who
means it, held everyone up until the last byte had come. Behind a proxy that does the same it costs nothing.
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Any, BinaryIO

#: Threads of a web process; idle ones cost next to nothing.
THREADS = 128
#: Bytes of a body that are kept in memory, whatever was typed; what is larger lies in the temporary folder without a name. Werkzeug
#: keeps eight times as much, which is nearly all that phones send: in a rush all of them wait here.
IN_MEMORY = 65_536
_BLOCK = 64 * 1024

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class BodiesFirst:
    """WSGI around WSGI: reads up to `limit` bytes, and one more where there are more."""

    def __init__(self, app: Wsgi, limit: int) -> None:
        self._app = app
        self._limit = limit

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        if not self._has_body(environ):
            return self._app(environ, start_response)
        with SpooledTemporaryFile(IN_MEMORY) as body:
            size = self._read(environ["wsgi.input"], body)
            environ["wsgi.input"] = body
            environ.setdefault("CONTENT_LENGTH", str(size))  # nobody says beforehand how long a body in chunks is
            return self._app(environ, start_response)

    def _has_body(self, environ: dict[str, Any]) -> bool:
        length = str(environ.get("CONTENT_LENGTH") or "")
        if length:  # one that is too long is refused before it is read, as ever
            return length.isascii() and length.isdigit() and 0 < int(length) <= self._limit
        return "HTTP_TRANSFER_ENCODING" in environ

    def _read(self, source: BinaryIO, body: Any) -> int:
        left = self._limit + 1
        while left > 0 and (block := source.read(min(_BLOCK, left))):
            body.write(block)
            left -= len(block)
        body.seek(0)
        return self._limit + 1 - left


class InTurn:
    """WSGI around WSGI: one request at a time."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._turn = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        with self._turn:
            return self._app(environ, start_response)
