"""Slowing down who tries too often, without knowing who it is.

Counters live in the memory store only, under a keyed code of the network (`privacy.network_bucket`) whose key is random,
lives there too and dies after a day. When the store is away, nobody is refused: a child must not pay for our fault.
"""

import secrets
from typing import cast

import redis

from memes.privacy import network_bucket

_DAY = 24 * 3600


class Limiter:
    """Counts per network and purpose."""

    def __init__(self, redis_url: str, *, enabled: bool) -> None:
        self._redis = redis.Redis.from_url(redis_url, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._enabled = enabled

    def count(self, purpose: str, address: str, window: int) -> None:
        """Count one event of `purpose` for the address's network, for `window` seconds from the first."""
        if not self._enabled:
            return
        try:
            name = self._name(purpose, address)
            pipeline = self._redis.pipeline()
            pipeline.set(name, 0, ex=window, nx=True)
            pipeline.incr(name)
            pipeline.execute()
        except redis.RedisError:
            return

    def exceeded(self, purpose: str, address: str, most: int) -> bool:
        """Whether the address's network has more than `most` events counted now."""
        if not self._enabled:
            return False
        try:
            return int(cast("bytes | None", self._redis.get(self._name(purpose, address))) or 0) > most
        except redis.RedisError:
            return False

    def _name(self, purpose: str, address: str) -> str:
        self._redis.set("limits:key", secrets.token_bytes(32), ex=_DAY, nx=True)
        key = cast("bytes | None", self._redis.get("limits:key")) or secrets.token_bytes(32)
        return f"limits:{purpose}:{network_bucket(address, key)}"
