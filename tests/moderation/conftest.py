"""The desk's fixtures: who is in, and with which browser."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from memes.db import Database
from memes.settings import Settings
from moderation.models import Moderator
from moderation.roles import Role
from tests.moderation.people import Browser, moderator

SignIn = Callable[[Role], tuple[Browser, Moderator]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Without the limit per network: all these browsers share one address."""
    return replace(settings, limits=False)


@pytest.fixture
def signed_in(app: Flask, database: Database) -> SignIn:
    """Make a moderator with a role, and bring them in."""

    def come_in(role: Role) -> tuple[Browser, Moderator]:
        with database.writing() as session:
            who = moderator(session, role)
        browser = Browser(app)
        assert browser.sign_in(who, database).headers["Location"] == "/desk/"
        return browser, who

    return come_in
