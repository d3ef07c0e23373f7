"""What others notice of two hundred who send a byte a second, with nginx in front and without."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import _load
from benchmarks._goals import goal
from tests.deploy.test_nginx import open_site

TITLE = "Two hundred who send a byte a second"
#: How many, and the seconds of each look.
CLIENTS, SECONDS = 200, 12
HEAD = b"POST /en/share/story HTTP/1.1\r\nHost: localhost\r\n"
FORM = b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"


def measure() -> str:
    """A table of what visitors notice."""
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="im-bench-") as folder,
        open_site(Path(folder), INSTAMEMES_LIMITS="off", INSTAMEMES_WEB_WORKERS="2") as site,
    ):
        for name, address in (("behind nginx", site.address), ("the server alone", site.direct)):
            quiet = _load.open_loop(_visitor(address), 10, SECONDS)
            with slow_clients(address, CLIENTS):
                heard = _load.open_loop(_visitor(address), 10, SECONDS)
            late, badly = heard.percentile(0.95), f"{heard.refused} of {len(heard.seconds)}"
            goal(f"p95 {name} while {CLIENTS} send a byte a second", "under 1 s, all answered well",
                 f"{1000 * late:.0f} ms, {badly} not so", late < 1 and not heard.refused)  # fmt: skip
            rows.append(f"| {name} | {1000 * quiet.percentile(0.95):.0f} ms | **{1000 * late:.0f} ms** | {badly} |")
    table = "\n".join(rows)
    return f"""{CLIENTS} connections of which each sends a byte a second, half of them in a request's head and half in its body;
meanwhile ten visitors a second, of whom every fifth sends a story.

| | p95 without them | p95 with them | not answered well |
|---|---|---|---|
{table}

Wanted: p95 under 1 s."""


def _visitor(address: str) -> Callable[[int], int]:
    body, kind = _load.multipart({"theme": "rumours", "language": "en", "text": "It was a friend who helped me."})

    def ask(number: int) -> int:
        if number % 5:
            return _load.get(address, "/en/gallery")
        return _load.post(address, "/en/share/story", body, kind)[0]

    return ask


@contextmanager
def slow_clients(address: str, number: int) -> Iterator[None]:
    """Meanwhile so many send a byte a second: every second one of the request's head, every other one of its body."""
    host, _, port = address.removeprefix("http://").partition(":")
    over = threading.Event()

    def line(place: int) -> socket.socket:
        opened = socket.create_connection((host, int(port)), timeout=5)
        opened.sendall(HEAD + (b"X-Slow: " if place % 2 else FORM))
        return opened

    def dribble() -> None:
        lines = [line(place) for place in range(number)]
        ready.set()
        while not over.wait(1):
            for place, one in enumerate(lines):
                try:
                    one.send(b"a")
                except OSError:  # cut: the next one comes
                    one.close()
                    with suppress(OSError):
                        lines[place] = line(place)
        for one in lines:
            one.close()

    ready = threading.Event()
    thread = threading.Thread(target=dribble)
    thread.start()
    try:
        ready.wait(60)
        time.sleep(2)
        yield
    finally:
        over.set()
        thread.join()
