"""Holds a running part still, so that what passes it by can be looked at."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from memes.db import Database
from memes.models import LogHead


@contextmanager
def halted(part: psutil.Process, database: Database) -> Iterator[None]:
    """Halt a process and its children for as long as this lasts.

    Not in the middle of a transaction: it would keep its locks, and everybody else would wait for it in vain. So it goes
    on a little and is halted again until somebody else can write.
    """
    family = [part, *part.children(recursive=True)]
    try:
        _halt(family)
        while not _can_write(database):
            _resume(family)
            time.sleep(0.1)
            _halt(family)
        yield
    finally:
        _resume(family)


def _halt(family: list[psutil.Process]) -> None:
    for process in family:
        with suppress(psutil.NoSuchProcess):  # a picture's own process ends with the picture
            process.suspend()


def _resume(family: list[psutil.Process]) -> None:
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _can_write(database: Database) -> bool:
    """Every change ends in a line of a log, so whoever can have their heads can write."""
    try:
        with database.writing() as session:
            session.scalars(select(LogHead).with_for_update(nowait=True)).all()
    except OperationalError:
        return False
    return True
