"""Public pages are read from a copy of the database while it shows the same, and never show there what was taken back."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

import wsgi
from memes import db, entries, public_state
from memes.db import Database
from memes.errors import ConfigurationError
from memes.lifecycle import Action
from memes.models import Entry
from memes.settings import Settings
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from tests.trial.servers import Databases, until


@pytest.fixture(scope="module")
def servers() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="im-rep-", ignore_cleanup_errors=True) as folder:
        made = Databases(Path(folder))
        try:
            made.start()
            db.upgrade(Settings.from_env({"DATABASE_URL": made.url, "INSTAMEMES_HOME": folder}).database_url)
            yield made
        finally:
            for machine in made.machines:
                machine.kill()


def reads_there(database: Database) -> bool:
    """Whether a public page would be read from a copy now."""
    opened = public_state.on_a_copy(database)
    if opened is None:
        return False
    with opened:
        return opened.scalar(text("SELECT pg_is_in_recovery()")) is True


def published(database: Database) -> UUID:
    with database.writing() as session:
        entry = make.pending(session, kind="story")
        entries.transition(session, entry, Action.APPROVE, actor="somebody")
        return entry.id


def test_a_copy_that_is_behind_or_dead_shows_nobody_what_was_taken_back(servers: Databases, tmp_path: Path) -> None:
    copy = f"postgresql+psycopg://postgres@127.0.0.1:{servers.ports[1]}/instamemes"
    url = servers.url.replace("postgresql://", "postgresql+psycopg://")
    settings = Settings(tmp_path, "k" * 64, url, "unix:///nowhere", "file:///nowhere", make.KEYS, limits=False, replica_url=copy)
    app = wsgi.create_app(settings, media=MemoryStore(), queue=RecordingQueue())
    client, database = app.test_client(), app.extensions["instamemes"].database
    entry_id = published(database)
    path = f"/en/gallery/{entry_id}"
    until(lambda: reads_there(database), "the copy has it")
    assert client.get(path).status_code == 200

    servers.ask(1, "SELECT pg_wal_replay_pause()")
    with database.writing() as session:
        entries.withdraw(session, session.get_one(Entry, entry_id), store=MemoryStore())
    with database.copy() as behind:
        assert public_state.seen(behind) != public_state.now(database), "there it is still public"
    assert not reads_there(database)
    assert client.get(path).status_code == 404
    assert str(entry_id) not in client.get("/api/v1/gallery").text

    servers.ask(1, "SELECT pg_wal_replay_resume()")
    until(lambda: reads_there(database), "the copy has caught up")
    assert client.get(path).status_code == 404
    servers.machines[1].kill()
    assert client.get("/en/gallery").status_code == 200
    assert not reads_there(database)
    database.dispose()


def test_a_copy_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_REPLICA_URL"):
        Settings.from_env({"INSTAMEMES_HOME": str(tmp_path), "DATABASE_REPLICA_URL": "sqlite:///copy.db"})
