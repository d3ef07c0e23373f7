"""Empty databases to measure on, gone at the end. No section of the report: the name begins with an underscore."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests import servers


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of a file."""
    with tempfile.TemporaryDirectory(prefix="im-bench-") as folder:
        yield f"sqlite:///{folder}/bench.db"


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a database on a server of our own."""
    with servers.postgresql() as server:
        servers.administer(server, "CREATE DATABASE bench")
        yield server.format("bench")


def databases() -> Iterator[tuple[str, str]]:
    """Both, one after the other: name for people, address."""
    with sqlite() as address:
        yield "SQLite", address
    with postgresql() as address:
        yield "PostgreSQL", address
