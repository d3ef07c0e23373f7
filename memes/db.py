"""One engine, two kinds of session (writes and reads), and work that waits for the commit. Nothing here is global.

Verbs take a session first and never commit; the edge (view, task, command) commits once, visibly.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, NotSupportedError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, sessionmaker

from memes.vault import NO_KEYS, Keyring

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

#: Seconds a SQLite writer waits for another one.
BUSY_TIMEOUT = 15

#: Seconds for which a copy that did not answer is left alone.
REST = 5

#: What the drivers raise while the database is away, locked, full, or has become one that only reads (after a failover).
AWAY = (OperationalError, InternalError, InterfaceError, NotSupportedError)

_HOOKS, _KEYRING = "after_commit_hooks", "keyring"

_log = logging.getLogger(__name__)


class Base(DeclarativeBase):
    """Declarative base with predictable constraint names, so that migrations can name what they change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """Sessions for one address.

    `writes()` may change things; `reads()` may not (PostgreSQL refuses). `copy()` leads to `replica_url`, which may be behind.
    On SQLite a writing transaction takes the write lock at its start: an upgrade in the middle would fail at once
    when somebody else wrote meanwhile, whatever the busy timeout says.
    Without a `keyring`, everything can be done but reading and writing words.
    """

    def __init__(self, url: str, keyring: Keyring = NO_KEYS, replica_url: str = "") -> None:
        self.url = make_url(url)
        self.engine = _engine(url)
        if self.engine.dialect.name == "sqlite":
            writing: Engine = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            reading: Engine = self.engine
        else:
            writing = self.engine
            reading = self.engine.execution_options(postgresql_readonly=True)
        self.writes = sessionmaker(writing, expire_on_commit=False, info={_KEYRING: keyring})
        self.reads = sessionmaker(reading, expire_on_commit=False, info={_KEYRING: keyring})
        self._copied = _engine(replica_url).execution_options(postgresql_readonly=True) if replica_url else None
        self._copies = sessionmaker(self._copied, expire_on_commit=False, info={_KEYRING: keyring})
        self._rests_until = 0.0
        #: What was read of what everybody can see, with its word (`public_state.remembered`).
        self.remembered: dict[tuple[Any, ...], tuple[str | None, Any]] = {}
        self._glances = create_engine(url, poolclass=QueuePool, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end of the block, or rolls back if it raises."""
        with self.writes() as session:
            yield session
            session.commit()

    def copy(self) -> Session | None:
        """A session on the copy, connected; None if there is no copy, or while it is away."""
        if self._copied is None or monotonic() < self._rests_until:
            return None
        session = self._copies()
        try:
            session.connection()
        except AWAY:
            session.close()
            self._rests_until = monotonic() + REST
            return None
        return session

    def glance(self, statement: str) -> Any:
        """One value that is committed now, without a session or a transaction; None if there is none, or nobody answers."""
        connection = None
        try:
            connection = self._glances.raw_connection()
            cursor = connection.cursor()
            cursor.execute(statement)
            row = cursor.fetchone()
            cursor.close()
        except (DBAPIError, self._glances.dialect.loaded_dbapi.Error) as error:
            if connection is not None:
                connection.invalidate(error)
            return None
        connection.close()
        return row and row[0]

    def dispose(self) -> None:
        """Close every connection."""
        self._glances.dispose()
        if self._copied is not None:
            self._copied.dispose()
        self.engine.dispose()

    def __enter__(self) -> Self:
        """For commands: every connection is closed at the end of the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        self.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # hide_parameters: what a child wrote must not reach a log by way of an exception.
        return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def keyring_of(session: Session) -> Keyring:
    """The keys that open the keys of entries; none where the database was opened without."""
    found: Keyring = session.info.get(_KEYRING, NO_KEYS)
    return found


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema of the database at `url` to `revision`."""
    config = _migrations()
    config.attributes["url"] = url
    command.upgrade(config, revision)


def behind(url: str) -> bool:
    """Whether the schema of the database at `url` is older than this program; one that is newer is not."""
    scripts = ScriptDirectory.from_config(_migrations())
    older = {script.revision for script in scripts.walk_revisions()} - {scripts.get_current_head()}
    with Database(url) as database, database.reads() as session:
        found = revision(session)
    return found is None or found in older


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def revision(session: Session) -> str | None:
    """The revision of the schema, or None for a database without one."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def on_commit(session: Session, work: Callable[[], None]) -> None:
    """Run `work` once the session's transaction is committed; forget it if it is rolled back. `work` must not use the session."""
    hooks: list[Callable[[], None]] = session.info.setdefault(_HOOKS, [])
    if not event.contains(session, "after_commit", _run_hooks):
        event.listen(session, "after_commit", _run_hooks)
        event.listen(session, "after_transaction_end", _forget_hooks)
    hooks.append(work)


def _run_hooks(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for work in session.info.pop(_HOOKS, []):
        try:
            work()
        except Exception as error:  # noqa: BLE001
            # What is committed stays true whatever happens here, and the sweep does again what failed.
            # Only the kind of the error is told: its text may hold what a child wrote.
            _log.warning("work after a commit failed: %s", type(error).__name__)


def _forget_hooks(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_HOOKS, None)
