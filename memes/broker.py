"""A client of the memory store: of one server, or of whichever of several is the master now, as their sentinels say.

`sentinel://:PASSWORD@HOST:PORT,HOST:PORT,HOST:PORT/NAME` names the sentinels, the servers by their common NAME, and one
password for all of them. Any other address is one that redis-py reads.
"""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import redis
from redis.sentinel import Sentinel

from memes.errors import ConfigurationError

_SCHEME, _PORT = "sentinel://", 26379


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Who knows which server is the master of `name`."""

    hosts: tuple[tuple[str, int], ...]
    name: str
    password: str | None


def sentinels(url: str) -> Sentinels | None:
    """What a `sentinel://` address says, None for every other one. Raises ConfigurationError with a sentence for people."""
    if not url.startswith(_SCHEME):
        return None
    parts = urlsplit(url)
    credentials, _, listed = parts.netloc.rpartition("@")
    name, hosts = parts.path.strip("/"), []
    for host in listed.split(","):
        place, _, port = host.partition(":")
        if not place or not (port or str(_PORT)).isdecimal():
            raise ConfigurationError("REDIS_URL must look like sentinel://:password@host:26379,host:26379/name.")
        hosts.append((place, int(port or _PORT)))
    if not name or "/" in name:
        raise ConfigurationError("REDIS_URL=sentinel://… must end with the name that the sentinels give the servers: …/instamemes.")
    return Sentinels(tuple(hosts), name, unquote(credentials.partition(":")[2]) or None)


def client(url: str, patience: float) -> "redis.Redis":
    """A client that waits `patience` seconds for an answer; after a failover it finds the new master by itself."""
    known = sentinels(url)
    waits = {"socket_timeout": patience, "socket_connect_timeout": patience}
    if known is None:
        return redis.Redis.from_url(url, **waits)
    asked = {"password": known.password, **waits}
    watched = Sentinel(known.hosts, sentinel_kwargs=asked, **asked)  # type: ignore[no-untyped-call]
    found: redis.Redis = watched.master_for(known.name)  # type: ignore[no-untyped-call]
    return found
