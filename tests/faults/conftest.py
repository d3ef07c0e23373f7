"""Parts of the test's own, because they are killed."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from memes.db import Database
from memes.settings import Settings
from tests import make
from tests.faults.parts import Broker


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """A running broker that may be killed and started again."""
    with tempfile.TemporaryDirectory(prefix="im-") as folder:
        broker = Broker(Path(folder))
        try:
            broker.start()
            yield broker
        finally:
            broker.kill()


@pytest.fixture
def file_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """SQLite alone, for faults that have nothing to do with the database."""
    path = tmp_path / "faults.db"
    shutil.copy(sqlite_template, path)
    made = Database(f"sqlite:///{path}", make.KEYS)
    yield made
    made.dispose()


@pytest.fixture
def own_settings(tmp_path: Path, file_database: Database, own_broker: Broker) -> Settings:
    """Two processes at work on the test's own broker; what is lost is sent again after seconds instead of a minute."""
    return Settings(
        home=tmp_path, secret_key="k" * 64, database_url=str(file_database.url), redis_url=own_broker.url,
        media_url=f"file://{tmp_path / 'media'}", entry_keys=make.KEYS, resend_after=8,
    )  # fmt: skip


@pytest.fixture
def both_settings(own_settings: Settings, database_url: str) -> Settings:
    """The same on SQLite and on PostgreSQL."""
    return replace(own_settings, database_url=database_url)
