"""Which address leads to which server, and what Celery is told of it."""

from pathlib import Path

import pytest

from memes import broker
from memes.errors import ConfigurationError
from memes.settings import Settings
from workers.app import make_celery

URL = "sentinel://:p%40ss@one:1234,two,three:26379/instamemes"


def test_an_address_names_sentinels_servers_and_one_password() -> None:
    assert broker.sentinels(URL) == broker.Sentinels((("one", 1234), ("two", 26379), ("three", 26379)), "instamemes", "p@ss")
    assert broker.sentinels("unix:///run/valkey.sock") is None


@pytest.mark.parametrize("url", ["sentinel://one:x/name", "sentinel://one", "sentinel://,two/name", "sentinel://one/a/b"])
def test_an_address_that_cannot_be_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        broker.sentinels(url)


def test_celery_is_told_the_same(tmp_path: Path) -> None:
    celery = make_celery(Settings(tmp_path, "k" * 64, "sqlite://", URL, "file:///nowhere"))
    options = celery.conf.broker_transport_options
    assert options["master_name"] == "instamemes"
    assert options["sentinel_kwargs"]["password"] == "p@ss"
    with celery.connection() as connection:
        assert connection.alt == [f"sentinel://:p%40ss@{host}" for host in ("one:1234", "two:26379", "three:26379")]
