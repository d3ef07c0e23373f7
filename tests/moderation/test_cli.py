from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from memes.db import Database
from memes.settings import Settings
from moderation.cli import moderators
from moderation.models import Moderator
from tests import make
from tests.moderation.people import PASSWORD


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path, secret_key="k" * 64, database_url=database_url, redis_url="", media_url="", entry_keys=make.KEYS)


def run(settings: Settings, *words: str, given: str = "") -> Result:
    return CliRunner().invoke(moderators, words, input=given, obj=settings)


def test_add_prints_the_address_for_the_app_and_nothing_else(settings: Settings, database: Database) -> None:
    result = run(settings, "add", "Reader@Example.org", "--role", "moderator", given=PASSWORD + "\n")
    assert result.exit_code == 0
    address = pyotp.parse_uri(result.stdout.strip())
    assert (address.name, address.issuer) == ("reader@example.org", "Insta-memes")
    with database.reads() as session:
        made = session.scalars(select(Moderator)).one()
    assert (made.email, made.role.value, made.active) == ("reader@example.org", "moderator", True)
    assert PASSWORD not in result.output


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (("add", "reader@example.org", "--role", "moderator"), "short\n"),
        (("add", "reader@example.org", "--role", "moderator"), ""),
        (("add", "reader@example.org", "--role", "moderator"), "reader@example.org\n"),
        (("add", "no address", "--role", "moderator"), PASSWORD),
        (("disable", "nobody@example.org"), ""),
        (("reset-second-factor", "nobody@example.org"), ""),
    ],
)
def test_what_cannot_be_done_is_said_on_stderr(settings: Settings, words: tuple[str, ...], given: str) -> None:
    result = run(settings, *words, given=given)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")


def test_an_unknown_role_is_refused(settings: Settings) -> None:
    assert run(settings, "add", "reader@example.org", "--role", "king", given=PASSWORD).exit_code == 2


def test_an_account_can_be_listed_disabled_and_given_a_new_app(settings: Settings) -> None:
    first = run(settings, "add", "reader@example.org", "--role", "safeguarding", given=PASSWORD).stdout
    assert run(settings, "add", "reader@example.org", "--role", "admin", given=PASSWORD).exit_code == 1
    second = run(settings, "reset-second-factor", "READER@example.org").stdout
    assert second.startswith("otpauth://totp/")
    assert second != first
    assert run(settings, "list").stdout.split("\t")[:3] == ["reader@example.org", "safeguarding", "active"]
    assert run(settings, "disable", "reader@example.org").exit_code == 0
    assert run(settings, "list").stdout.split("\t")[2] == "disabled"


def test_a_database_without_tables_is_a_sentence_not_a_traceback(settings: Settings, tmp_path: Path) -> None:
    empty = Settings(
        home=tmp_path, secret_key="k" * 64, database_url=f"sqlite:///{tmp_path}/empty.db", redis_url="", media_url="",
        entry_keys=make.KEYS,
    )  # fmt: skip
    result = run(empty, "list")
    assert result.exit_code == 1
    assert "instamemes db upgrade" in result.stderr
