"""Slowing down who tries too often, without knowing who it is.

Counters live in the memory store only, under a keyed code of the network (`privacy.network_bucket`) whose key is random,
lives there too and dies after a day. When the store is away, nobody is refused: a child must not pay for our fault.
"""

import secrets
from typing import cast

import redis

from memes import broker
from memes.privacy import network_bucket

_DAY = 24 * 3600


class Limiter:
    """Counts per network and purpose."""

    def __init__(self, redis_url: str, *, enabled: bool) -> None:
        self.store = broker.client(redis_url, 0.5)
        self.enabled = enabled

    def count(self, purpose: str, address: str, window: int) -> None:
        """Count one event of `purpose` for the address's network, for `window` seconds from the first."""
        if not self.enabled:
            return
        try:
            self.add(f"{purpose}:{self.network(address)}", window)
        except redis.RedisError:
            return

    def exceeded(self, purpose: str, address: str, most: int) -> bool:
        """Whether the address's network has more than `most` events counted now."""
        if not self.enabled:
            return False
        try:
            return self.counted(f"{purpose}:{self.network(address)}") > most
        except redis.RedisError:
            return False

    def add(self, name: str, window: int) -> int:
        """Count one event under `name`, for `window` seconds from the first; how many there are now. RedisError if away."""
        pipeline = self.store.pipeline()
        pipeline.set(f"limits:{name}", 0, ex=window, nx=True)
        pipeline.incr(f"limits:{name}")
        return int(pipeline.execute()[1])

    def counted(self, name: str) -> int:
        """How many events are counted under `name` now. RedisError if the store is away."""
        return int(cast("bytes | None", self.store.get(f"limits:{name}")) or 0)

    def take(self, name: str) -> int:
        """How many events were counted under `name`; from now on there are none. RedisError if the store is away."""
        return int(cast("bytes | None", self.store.getdel(f"limits:{name}")) or 0)

    def network(self, address: str) -> str:
        """The code under which the address's network is counted today. RedisError if the store is away."""
        self.store.set("limits:key", secrets.token_bytes(32), ex=_DAY, nx=True)
        key = cast("bytes | None", self.store.get("limits:key")) or secrets.token_bytes(32)
        return network_bucket(address, key)
