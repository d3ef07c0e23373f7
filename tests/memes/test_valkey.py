"""The private broker, as a real server."""

import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from memes import valkey
from memes.errors import ConfigurationError
from memes.settings import SOCKET_PATH_LIMIT, embedded_socket


@contextmanager
def serving(path: Path) -> Iterator[redis.Redis]:
    valkey.make_folder(path)
    process = subprocess.Popen(valkey.command(path), env={})
    try:
        deadline = time.monotonic() + 20
        while not valkey.answers(path):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        with redis.Redis(unix_socket_path=str(path), decode_responses=True) as client:
            yield client
    finally:
        process.terminate()
        process.wait(20)


def test_it_listens_on_a_socket_of_its_owner_alone_and_keeps_nothing_on_disk(tmp_path: Path) -> None:
    path = embedded_socket(tmp_path)

    with serving(path) as client:
        client.set("key", "value")
        settings = client.config_get("*")
        mode = stat.S_IMODE(path.stat().st_mode)

    assert mode == 0o700
    expected = {
        "port": "0", "save": "", "appendonly": "no", "maxmemory-policy": "noeviction", "slowlog-max-len": "0",
    }  # fmt: skip
    assert {name: settings[name] for name in expected} == expected
    assert list(tmp_path.iterdir()) == []


def test_it_serves_a_home_whose_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 25)
    home.mkdir()
    path = embedded_socket(home)
    assert len(str(home / "valkey.sock")) > SOCKET_PATH_LIMIT

    with serving(path) as client:
        assert client.ping()
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    path.parent.rmdir()


def test_nobody_answers_where_there_is_no_server(tmp_path: Path) -> None:
    assert not valkey.answers(tmp_path / "valkey.sock")


def test_a_folder_that_others_can_change_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)

    with pytest.raises(ConfigurationError, match="only you can change"):
        valkey.make_folder(folder / "valkey.sock")


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)

    with pytest.raises(ConfigurationError, match="only you can change"):
        valkey.make_folder(tmp_path / "link" / "valkey.sock")
