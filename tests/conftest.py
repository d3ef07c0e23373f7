"""Fixtures shared by all tests. Every test has an empty, migrated database of its own; nothing is left behind."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.orm import Session
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import memes.models
import wsgi
from memes import db, lease
from memes.db import Database
from memes.settings import Settings
from tests import make, servers
from tests.fakes import MemoryStore, RecordingQueue
from tests.memory import temporary_files_in_memory

assert memes.models

#: Tests that share something dear (a running house and its browser, many pictures, the time of a crew of processes), or
#: that are so long that they had better begin early: crews come before all else. The journeys walk in two houses.
TOGETHER = (
    "tests/journeys/test_pages.py", "tests/journeys/test_a", "tests/journeys/", "tests/faults/test_", "tests/deploy/test_nginx.py",
    "tests/deploy/test_requests.py", "tests/hostile/test_files.py",
    "tests/workers/test_metadata.py", "tests/workers/test_demo.py", "tests/memes/test_life_of_an_entry.py",
    "tests/memes/test_supervisor.py", "tests/seizure/",
)  # fmt: skip


class InCrews(LoadScopeScheduling):
    """Sends what shares a running house, or kills processes of its own, to one test process; every other test to whoever is free.

    xdist's own groups would say the same, but do nothing with pytest 9.2, where a test's name can no longer be changed.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((crew for crew in TOGETHER if nodeid.startswith(crew)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> InCrews:
    """Ask ours who runs what."""
    return InCrews(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make assurance`: the same tests, with far more rounds and on every width of the screen."""
    parser.addoption("--thorough", action="store_true", help="take the time for every round and every width")


def pytest_configure(config: pytest.Config) -> None:
    """The processes of one run share one folder: the first of them makes it, and the others are told."""
    if not hasattr(config, "workerinput"):
        where = temporary_files_in_memory()
        where.__enter__()
        config.add_cleanup(lambda: where.__exit__(None, None, None))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long is left out where there is no time."""
    spared = [] if config.getoption("--thorough") else [item for item in items if item.get_closest_marker("thorough")]
    config.hook.pytest_deselected(items=spared)
    items[:] = [item for item in items if item not in spared]


@pytest.fixture(scope="session")
def thorough(pytestconfig: pytest.Config) -> bool:
    """Whether there is time."""
    return bool(pytestconfig.getoption("--thorough"))


@pytest.fixture(scope="session", autouse=True)
def believed() -> Iterator[tuple[float, float]]:
    """Tests change rows as workers do, for whom nobody waits: here each page from memory asks anew. How it is otherwise
    (`memes/lease.py`)."""
    with pytest.MonkeyPatch.context() as patched:
        found = lease.LEASE, lease.WAIT
        patched.setattr(lease, "LEASE", 0)
        patched.setattr(lease, "WAIT", 0)
        yield found


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`figure("hostile.files", 312, goal=">= 300", unit="files")` keeps what a test has measured, for whoever writes it down.

    One file a figure and test, in the folder that INSTAMEMES_FIGURES names; nothing is written where it names none.
    """

    def keep(name: str, value: float | str, *, goal: str = "", unit: str = "") -> None:
        if folder := os.environ.get("INSTAMEMES_FIGURES"):
            test = request.node.nodeid
            path = Path(folder) / f"{name}-{crc32(test.encode()):08x}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"name": name, "value": value, "goal": goal, "unit": unit, "test": test}))

    return keep


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL with a migrated database `template`; an address with a place for the name."""
    with servers.postgresql() as address:
        servers.administer(address, "CREATE DATABASE template")
        db.upgrade(address.format("template"))
        yield address


@pytest.fixture(scope="session")
def broker_url() -> Iterator[str]:
    """A real Valkey."""
    with servers.broker() as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    db.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_database(postgresql: str) -> servers.Reused:
    """The one of this process, as good as new before each test."""
    return servers.Reused(postgresql)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database: whatever uses it is tested on both."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    yield request.getfixturevalue("postgresql_database").url
    request.getfixturevalue("postgresql_database").clean()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, make.KEYS)
    yield made
    made.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session that is rolled back at the end unless the test commits."""
    with database.writes() as opened:
        yield opened


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, broker_url: str) -> Settings:
    with redis.Redis.from_url(broker_url) as broker:
        broker.flushall()
    return Settings(
        home=tmp_path, secret_key="k" * 64, database_url=database_url, redis_url=broker_url,
        media_url=f"file://{tmp_path / 'media'}", entry_keys=make.KEYS,
    )  # fmt: skip


class Compiled(BytecodeCache):
    """What templates were compiled to, for the next application: to compile them anew took a third of a page's test."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    return Compiled()


@pytest.fixture
def app(settings: Settings, store: MemoryStore, queue: RecordingQueue, compiled: Compiled) -> Iterator[Flask]:
    made = wsgi.create_app(settings, media=store, queue=queue)
    made.testing = True
    made.jinja_env.bytecode_cache = compiled
    yield made
    made.extensions["instamemes"].database.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a cookie jar: whatever sets a cookie on a public page fails elsewhere, not by luck."""
    return app.test_client(use_cookies=False)
