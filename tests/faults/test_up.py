"""`instamemes up`, all of it: its parts are killed under load, and nothing that it leaves anywhere tells of a child."""

import base64
import binascii
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import redis
from sqlalchemy import select

from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings, embedded_socket
from tests.faults.parts import ROOT, in_state, multipart, photo, until
from tests.halted import halted


class Up:
    """`instamemes up` in a home of its own."""

    def __init__(self, home: Path, *before: str, as_shipped: bool = False, **more: str) -> None:
        """`before`: what stands before the command; `more`: settings. `as_shipped`: what is lost is sent again late."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.home, self._log = home, home.parent / "up.log"
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ} | {
            "INSTAMEMES_HOME": str(home), "PORT": self.address.rpartition(":")[2], "INSTAMEMES_WORKERS": "1",
            "INSTAMEMES_WEB_WORKERS": "1", "INSTAMEMES_TRUSTED_PROXIES": "1",
            **({} if as_shipped else {"INSTAMEMES_RESEND_AFTER": "6"}), **more,
        }  # fmt: skip
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-c", "import wsgi; wsgi.cli()", "up"], cwd=ROOT, env=environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._family: set[psutil.Process] = set()

    @property
    def said(self) -> str:
        assert self.process.poll() in (None, 0), self._log.read_text()
        return self._log.read_text()

    def until_it_says(self, words: str, times: int = 1) -> None:
        until(lambda: self.said.count(words) >= times, f"it says: {words}")

    def part(self, word: str) -> psutil.Process:
        """The part whose command line has this word."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self._family |= set(children)
        return next(child for child in children if child.ppid() == self.process.pid and word in " ".join(child.cmdline()))

    def post(self, path: str, fields: dict[str, str], picture: bytes | None = None, name: str = "p.jpg",
             headers: dict[str, str] | None = None) -> str:  # fmt: skip
        """What is answered to a form."""
        body, kind = multipart(fields, picture, name)
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + path, body, {"Content-Type": kind, **(headers or {})}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return str(answer.read().decode())

    def send(self, number: int) -> None:
        """Memes by a program, as the API takes them."""
        fields = {"kind": "meme", "language": "ar", "theme": "rumours", "consent_gallery": "true"}
        for seed in range(number):
            assert json.loads(self.post("/api/v1/entries", fields, photo(seed)))["state"] == "received"

    def get(self, path: str) -> int:
        """The status of a page."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=30) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(self.address + "/readyz", timeout=10) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        with suppress(psutil.NoSuchProcess):
            self._family |= set(psutil.Process(self.process.pid).children(recursive=True))
        self.process.terminate()
        self.process.wait(60)

    def close(self) -> None:
        """Nothing survives, whatever the test has done."""
        with suppress(subprocess.TimeoutExpired):
            self.stop()
        self.process.kill()
        self.process.wait()
        for process in self._family:
            with suppress(psutil.NoSuchProcess):
                process.kill()


@contextmanager
def running(*, as_shipped: bool = False, **more: str) -> Iterator[Up]:
    """Ready, and gone at the end. `more`: settings."""
    with tempfile.TemporaryDirectory(prefix="im-up-") as folder:
        made = Up(Path(folder) / "home", as_shipped=as_shipped, **more)
        try:
            made.until_it_says("Stop with Ctrl-C.")
            yield made
        finally:
            made.close()


@pytest.fixture
def up() -> Iterator[Up]:
    with running() as made:
        yield made


@pytest.fixture
def its_database(up: Up) -> Iterator[Database]:
    with Database(f"sqlite:///{up.home / 'instamemes.db'}") as database:
        yield database


def test_it_says_which_part_died_starts_it_again_and_loses_nothing(up: Up, its_database: Database) -> None:
    up.send(3)
    up.part("prefork").kill()
    up.send(3)
    up.until_it_says("The worker part died (signal 9, SIGKILL). Starting it again")
    until(in_state(its_database, State.PENDING, 6), "all wait for a moderator")

    up.send(3)
    up.part("valkey-server").kill()
    up.send(3)
    up.until_it_says("The Valkey part died (signal 9, SIGKILL). Starting it again")
    until(in_state(its_database, State.PENDING, 12), "all wait for a moderator")

    until(up.ready, "everything is as before")
    assert up.said.count(" died (") == 2, up.said


@pytest.mark.thorough
@pytest.mark.parametrize(("part", "most"), [("prefork", 120), ("valkey-server", 60)])
def test_as_it_comes_all_is_cleaned_soon_after_a_death(part: str, most: int, figure: Callable[..., None]) -> None:
    """With the settings that are shipped: how long is far below how often it may happen."""
    with running(as_shipped=True) as up, Database(f"sqlite:///{up.home / 'instamemes.db'}") as database:
        up.send(5)
        up.part(part).kill()
        up.send(5)
        up.until_it_says("Starting it again")
        took = until(in_state(database, State.PENDING, 10), "all wait for a moderator")
    figure(f"recovery.{part}", round(took), goal=f"<= {most}", unit="s until ten are cleaned after its death, as shipped")


#: What a request tells of a child. None of it may be found anywhere afterwards.
NAME, AGENT, ADDRESS, COOKIE, PAGE = "canary_ahmed_6A", "Canary/1.0 (his phone)", "196.200.131.77", "canarycookie", "canarypage"
HEADERS = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS, "Cookie": f"a={COOKIE}", "Referer": f"http://x/{PAGE}"}
#: What a child wrote: kept under a key, and nowhere to be read.
TEXT = "canary words of a child"
COMMENT = "canary of a phone"


def assert_silent(where: str, held: str, *more: str) -> None:
    for canary in (NAME, AGENT, ADDRESS, COOKIE, PAGE, COMMENT, *more):
        assert canary not in held, f"{canary} in {where}"


def everything_in(address: str) -> str:
    """All keys and values of a broker as one text, what is packed in base64 unpacked as well."""
    held = []
    with redis.Redis.from_url(address) as broker:
        for key in broker.scan_iter():
            read = {b"list": lambda key: broker.lrange(key, 0, -1), b"set": broker.smembers, b"hash": broker.hgetall,
                    b"zset": lambda key: broker.zrange(key, 0, -1, withscores=True), b"string": broker.get}  # fmt: skip
            held.append(f"{key!r} {read[broker.type(key)](key)!r}")
    text = "\n".join(held)
    for packed in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text):
        with suppress(binascii.Error):
            text += base64.b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-8", "replace")
    return text


def test_nothing_that_is_left_anywhere_tells_of_a_child(up: Up, its_database: Database) -> None:
    broker = f"unix://{embedded_socket(up.home)}"
    codes = []
    with halted(up.part("prefork"), its_database):  # so that messages can be seen
        for kind, picture in (("meme", photo()), ("story", None)):
            fields = {"theme": "rumours", "language": "en", "consent_gallery": "y", "text": TEXT, "caption": TEXT}
            page = up.post(f"/en/share/{kind}", fields, picture, f"{NAME}.jpg", HEADERS)
            found = re.search(r"\b(\d{4})\D{1,60}?(\d{4})\D{1,60}?(\d{4})\D{1,60}?(\d{4})\b", page)
            assert found, page
            codes.append("".join(found.groups()))
        with pytest.raises(urllib.error.HTTPError) as refused:
            up.post("/en/receipt", {"receipt": "1234 5678 1234 5678"}, headers=HEADERS)
        refused.value.close()
        assert refused.value.code == 404
        waiting = everything_in(broker)
        # The first one went straight to the worker's socket, where nobody reads it now.
        assert "workers.process_entry" in waiting, "there was nothing to look at"
        assert "limits:" in waiting, "nobody was counted"
    until(in_state(its_database, State.PENDING, 2), "both wait for a moderator")
    for code in codes:
        assert "waiting" in up.post("/en/receipt", {"receipt": code}, headers=HEADERS)
    afterwards = everything_in(broker)
    up.stop()
    for where, held in (("the queue", waiting), ("the broker", afterwards), ("the log", up.said)):
        assert_silent(where, held, TEXT, *codes)
    files = {path: path.read_bytes().decode("latin-1") for path in up.home.rglob("*") if path.is_file()}
    assert any("search_words" in held for held in files.values()), "there was nothing to read"
    keys = Settings.from_env({"INSTAMEMES_HOME": str(up.home)}).entry_keys
    with Database(str(its_database.url), keys) as opened, opened.reads() as session:
        assert {entry.caption or entry.text for entry in session.scalars(select(Entry))} == {TEXT}, "it is kept, for its readers"
    for path, held in files.items():
        assert_silent(str(path), held, *codes, TEXT)
        assert_silent("a name", str(path.relative_to(up.home)))
