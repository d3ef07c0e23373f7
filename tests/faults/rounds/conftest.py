"""A running platform whose parts may be broken, and how often."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from memes.db import Database
from memes.settings import Settings
from tests.faults.parts import Broker
from tests.faults.rounds.platform import Platform, running

#: Each fault happens so often where there is time, and once where there is none.
ROUNDS = 50


@pytest.fixture(scope="session")
def rounds(thorough: bool) -> range:
    return range(ROUNDS if thorough else 1)


@pytest.fixture
def impatient(own_settings: Settings) -> Settings:
    """What is lost is sent again after three seconds; nobody proves any work."""
    return replace(own_settings, limits=False, resend_after=3)


@pytest.fixture
def platform(file_database: Database, impatient: Settings, own_broker: Broker) -> Iterator[Platform]:
    """The site, a broker and a worker that dies where it is told to, on SQLite."""
    with running(impatient, file_database, own_broker) as made:
        yield made
