"""The whole as in production, with the files of `deploy/`: nginx, PostgreSQL and a broker, each with a place for its files."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server

from memes import valkey
from tests import tools
from tests.deploy.test_nginx import _here, _wait_for
from tests.faults.parts import ROOT, Postgres, postgres
from tests.journeys.house import House

DEPLOY = ROOT / "deploy"


@dataclass
class Production:
    """`address` is nginx's; `places` are the folders in which files may appear, by the name that the handbook gives them."""

    address: str
    house: House
    database: Postgres
    places: dict[str, Path]
    _servers: list[subprocess.Popen[bytes]]
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look_again_and_again)
        self._watch.start()

    def stop(self) -> None:
        """Ask every part to end, in the order in which an operator would."""
        try:
            self.house.stop()
        finally:
            self.close()

    def close(self) -> None:
        """Nothing runs any more; the files are still there."""
        self._ended.set()
        self._watch.join()
        self.house.process.kill()
        self.house.process.wait()
        for server in self._servers:
            server.terminate()
            server.wait(20)
        with suppress(subprocess.CalledProcessError):
            self.database.stop()

    def _look_again_and_again(self) -> None:
        while not self._ended.wait(0.05):
            self._look()
        self._look()

    def _look(self) -> None:
        for name, place in self.places.items():
            for folder, _, files in os.walk(place):
                self.seen |= {f"{name}/{(Path(folder) / file).relative_to(place)}" for file in files}


@contextmanager
def production(folder: Path) -> Iterator[Production]:
    """Running in places of its own below `folder`."""
    places = {name: folder / name for name in ("home", "run", "broker", "tmp")}
    for place in places.values():
        place.mkdir()
    with postgres() as database:
        places["log"] = database.data / "log"
        database.configure((DEPLOY / "postgresql.conf").read_text() + "logging_collector = on\n")
        broker, socket = _broker(places["broker"])
        house = House(
            places["home"], INSTAMEMES_MEDIA_ACCEL="/stored/", INSTAMEMES_TRUSTED_PROXIES="1", DATABASE_URL=database.address,
            REDIS_URL=f"unix://{socket}", TMPDIR=str(places["tmp"]),
        )  # fmt: skip
        house.wait_until_ready()
        proxy, address = _proxy(folder, house)
        made = Production(address, house, database, places, [proxy, broker])
        try:
            yield made
        finally:
            made.close()


def _broker(folder: Path) -> tuple["subprocess.Popen[bytes]", Path]:
    (folder / "valkey.conf").write_text((DEPLOY / "valkey.conf").read_text().replace("/run/instamemes-valkey", str(folder)))
    socket = folder / "valkey.sock"
    server = subprocess.Popen([valkey.command(socket)[0], folder / "valkey.conf"], stdout=subprocess.DEVNULL)
    while not (socket.exists() and valkey.answers(socket)):
        assert server.poll() is None, "the broker did not start"
        time.sleep(0.05)
    return server, socket


def _proxy(folder: Path, house: House) -> tuple["subprocess.Popen[bytes]", str]:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (folder / "listen.conf").write_text(f"listen 127.0.0.1:{port};\nserver_name localhost;\n")
    (folder / "nginx.conf").write_text(_here(folder, house))
    program = os.environ.get("NGINX") or tools.nginx()
    assert program, "Needs nginx."
    proxy = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"])
    _wait_for(port)
    return proxy, f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Listed:
    """A row of the handbook's list: `brief` ones may be gone before anybody looks."""

    name: str
    names: re.Pattern[str]
    brief: bool


def listed() -> list[Listed]:
    """The files of `docs/files.md`: `*` is a part of a name, `**` any path."""
    rows = re.findall(r"^\| `([^`]+)` \|.*\|([^|]*)\|$", (ROOT / "docs" / "files.md").read_text(), re.MULTILINE)
    assert len(rows) > 10
    return [Listed(name, _pattern(name), "moments" in stays) for name, stays in rows]


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part).replace(r"\*", "[^/]*") for part in name.split("**")))
