"""Who may send now: whoever has done a small work, has waited, or is among the first few of a network.

Nobody is refused for where they are. A page with a script does a proof of work (ALTCHA) while the child is writing, so
that a whole class behind one address sends at once, while a program pays for each sending, and more the more comes in.
Without a script, the first sendings of a network are free; the next ones get a ticket for a time soon, one after the other.
A class code (`classes`) lets in as many a day as it was granted for, whatever its network has sent.

All of it is in the memory store, under codes of networks that die with the day (`limits`). When the store is away the
gate is open: a flood that people must sort is less harm than a child who is not heard.
"""

import hashlib
import hmac
import json
import secrets
import time
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import altcha
import redis

from memes.limits import Limiter

#: Sendings of one network without any proof, per window of seconds.
FREE, WINDOW = 10, 600

#: A challenge takes 100 to 200 derivations of PBKDF2-SHA-256 with 1 000 rounds. Loads are counted per window: every 50
#: sendings of the network and every 200 of everybody make it dearer by as much again, up to 16 times.
ROUNDS, DERIVATIONS = 1000, 100
OWN_STEP, COMMON_STEP, DEAREST = 50, 200, 16

#: Seconds a challenge is good for: long enough to write a story.
LIFE = 1800

#: The waiting line of a network: seconds until the first place, between two, and how long the line may get.
FIRST, GAP, LONGEST = 15, 6, 600

#: Seconds a ticket is good for once its time has come, and a repeated sending is known.
GOOD = 3600

#: Seconds for which the sendings of a class are counted together.
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: again in `seconds`, with `ticket` (empty: the line is full, and the free sendings come back by then)."""

    seconds: int
    ticket: str


class Gate:
    """Lets sendings in. `secret_key` signs challenges and tickets."""

    def __init__(self, limiter: Limiter, secret_key: str) -> None:
        self._limiter = limiter
        self._secret = hmac.new(secret_key.encode(), b"instamemes gate", hashlib.sha256).digest()

    def challenge(self, address: str) -> dict[str, Any]:
        """A work to be done before sending, as ALTCHA (version 2) describes it."""
        effort = DERIVATIONS * self._dearness(address)
        made = altcha.create_challenge(
            "PBKDF2/SHA-256", ROUNDS, counter=effort + secrets.randbelow(effort), key_prefix_length=8,
            expires_at=int(time.time()) + LIFE, hmac_secret=self._secret,
        )  # fmt: skip
        return made.to_dict()

    def admit(
        self, address: str, *, proof: str = "", ticket: str = "", sending: str = "", class_code: tuple[str, int] | None = None
    ) -> Wait | None:  # fmt: skip
        """None if it may come in. `sending` names what is sent: its repetition comes in as it did the first time.

        `class_code` is a valid code, and how many it lets in within a day.
        """
        if not self._limiter.enabled:
            return None
        try:
            network = self._limiter.network(address)
            if not self._admitted(network, proof, ticket, sending, class_code):
                return self._place(network, ticket)
            self._limiter.add("sent", WINDOW)
            self._limiter.add(f"sent:{network}", WINDOW)
            if sending:
                self._limiter.store.set(f"gate:sending:{sending}", 1, ex=GOOD)
        except redis.RedisError:
            return None
        return None

    def _admitted(
        self, network: str, proof: str, ticket: str, sending: str, class_code: tuple[str, int] | None
    ) -> bool:  # fmt: skip
        if sending and self._limiter.store.exists(f"gate:sending:{sending}"):
            return True
        if self._proved(proof) or self._waited(ticket):
            return True
        if class_code and self._limiter.add(f"class:{class_code[0]}", DAY) <= class_code[1]:
            return True
        return self._limiter.add(f"free:{network}", WINDOW) <= FREE

    def _dearness(self, address: str) -> int:
        try:
            own = self._limiter.counted(f"sent:{self._limiter.network(address)}")
            common = self._limiter.counted("sent")
        except redis.RedisError:
            return 1
        return min(1 + own // OWN_STEP + common // COMMON_STEP, DEAREST)

    def _proved(self, proof: str) -> bool:
        """A solution of one of our challenges, used for the first time."""
        if not proof or not altcha.verify_solution(proof, self._secret).verified:
            return False
        return self._spend(json.loads(b64decode(proof))["challenge"]["signature"], LIFE)

    def _waited(self, ticket: str) -> bool:
        ready = self._ready(ticket)
        return ready is not None and ready <= time.time() <= ready + GOOD and self._spend(ticket, GOOD)

    def _spend(self, name: str, seconds: int) -> bool:
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        return bool(self._limiter.store.set(f"gate:spent:{digest}", 1, ex=seconds, nx=True))

    def _place(self, network: str, ticket: str) -> Wait:
        """A place in the network's line; who comes too early keeps the one they have."""
        now, ready = int(time.time()), self._ready(ticket)
        if ready is not None and ready > now:
            return Wait(ready - now, ticket)
        name = f"gate:line:{network}"
        last = self._limiter.store.get(name)
        ready = max(int(last) + GAP if isinstance(last, bytes) else 0, now + FIRST)
        if ready > now + LONGEST:
            return Wait(LONGEST, "")
        self._limiter.store.set(name, ready, ex=LONGEST + GOOD)
        words = f"{ready}.{secrets.token_hex(8)}"
        return Wait(ready - now, f"{words}.{self._seal(words)}")

    def _ready(self, ticket: str) -> int | None:
        """When the ticket's time comes, in seconds of the epoch; None if it is none of ours."""
        words, _, seal = ticket.rpartition(".")
        return (
            int(words.partition(".")[0])
            if words and hmac.compare_digest(seal.encode(), self._seal(words).encode())
            else None
        )

    def _seal(self, words: str) -> str:
        return hmac.new(self._secret, words.encode(), hashlib.sha256).hexdigest()[:32]
