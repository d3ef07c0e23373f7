"""The commands, as an operator types them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from memes import help as help_directory
from memes.db import Database
from memes.errors import ConfigurationError
from memes.models import Entry
from memes.settings import Settings
from tests import make
from wsgi import cli


def run(settings: Settings, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, list(words), obj=settings)
    return result.exit_code, result.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_empty_house_verifies(settings: Settings) -> None:
    assert run(settings, "verify") == (0, "The logs are whole, and every picture is what was reviewed.\n")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_upgrading_an_upgraded_database_changes_nothing(settings: Settings) -> None:
    assert run(settings, "db", "upgrade")[0] == 0
    assert run(settings, "verify")[0] == 0


def test_a_help_channel_is_confirmed_by_day(settings: Settings, database: Database) -> None:
    assert run(settings, "help-channels", "confirm", "police", "--on", "2026-01-02")[0] == 0
    with database.reads() as session:
        now = {checked.channel.id: checked.confirmed_on for checked in help_directory.doors(session)["now"]}
    assert now == {"police": date(2026, 1, 2), "gendarmerie": None}
    assert (
        run(settings, "help-channels", "confirm", "police")[1] == f"police: confirmed on {datetime.now(UTC).date()}.\n"
    )
    code, said = run(settings, "help-channels", "confirm", "nobody")
    assert (code, "There is no help channel" in said) == (1, True)


def test_settings_that_cannot_work_are_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INSTAMEMES_HOME", str(tmp_path))
    for name, value, words in (
        ("PORT", "eighty", "PORT must be a whole number from 1 to 65535"),
        ("INSTAMEMES_ENV", "prod", "INSTAMEMES_ENV must be one of development, production"),
        ("SECRET_KEY", "short", "SECRET_KEY must have at least 32 characters"),
        ("INSTAMEMES_ENTRY_KEY", "ab" * 31, "INSTAMEMES_ENTRY_KEY must be 64 hex digits"),
    ):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            result = CliRunner().invoke(cli, ["verify"])
        assert result.exit_code == 1
        assert words in result.output


def test_production_refuses_switched_off_limits_and_a_missing_key(tmp_path: Path) -> None:
    base = {"INSTAMEMES_HOME": str(tmp_path), "INSTAMEMES_ENV": "production", "SECRET_KEY": "x" * 40,
            "INSTAMEMES_ENTRY_KEY": "ab" * 32}
    assert Settings.from_env(base).production
    with pytest.raises(ConfigurationError, match="refused in production"):
        Settings.from_env(base | {"INSTAMEMES_LIMITS": "off"})
    with pytest.raises(ConfigurationError, match="SECRET_KEY must be set"):
        Settings.from_env(base | {"SECRET_KEY": ""})
    with pytest.raises(ConfigurationError, match="INSTAMEMES_ENTRY_KEY must be set"):
        Settings.from_env(base | {"INSTAMEMES_ENTRY_KEY": ""})


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    env = {"INSTAMEMES_HOME": str(tmp_path / "home")}
    first, second = Settings.from_env(env), Settings.from_env(env)
    assert (first.secret_key, first.entry_keys) == (second.secret_key, second.entry_keys)
    for name in ("secret.key", "entry.key"):
        assert (tmp_path / "home" / name).stat().st_mode & 0o777 == 0o600


def test_a_postgresql_address_gets_its_driver(tmp_path: Path) -> None:
    env = {"INSTAMEMES_HOME": str(tmp_path), "DATABASE_URL": "postgres://a@b/c"}
    assert Settings.from_env(env).database_url == "postgresql+psycopg://a@b/c"


def test_a_backup_is_made_and_restored_with_its_key(settings: Settings, database: Database, tmp_path: Path) -> None:
    file, key = tmp_path / "backup.age", tmp_path / "secret.key"
    code, said = run(settings, "backup-key", str(key))
    assert code == 0
    assert key.stat().st_mode & 0o777 == 0o600
    public = said.split()[-1]
    with database.writing() as session:
        make.pending(session, caption="waits")
    assert run(settings, "backup", str(file))[0] == 1, "no key"
    assert run(settings, "backup", str(file), "--key", "age1nonsense")[0] == 1
    assert not [*tmp_path.glob("backup*"), *tmp_path.glob("keys*")], "nothing half written stays"
    assert run(settings, "backup", str(file), "--key", public)[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    code, said = run(settings, "restore", str(file), "--key", str(key))
    assert (code, "holds something" in said) == (1, True)
    empty = replace(settings, database_url=f"sqlite:///{tmp_path / 'restored.db'}")
    keys = tmp_path / "keys.age"
    assert run(settings, "backup-keys", str(keys), "--key", public)[1] == f"{keys}: 1 keys.\n"
    assert keys.stat().st_mode & 0o777 == 0o600
    keys.rename(tmp_path / "newest")
    assert "--keys" in run(empty, "restore", str(file), "--key", str(key))[1]
    assert run(empty, "restore", str(file), "--key", str(key), "--keys", str(tmp_path / "newest"))[0] == 0
    assert run(empty, "verify")[0] == 0
    with Database(empty.database_url, empty.entry_keys) as restored, restored.reads() as session:
        assert [entry.caption for entry in session.scalars(select(Entry))] == ["waits"]
