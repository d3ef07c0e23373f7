"""What a teacher chooses for a screen. The address holds all of it, so that a bookmark starts the same show again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from memes import published

#: How much longer or shorter than usual each slide stays; `hand`: until somebody turns it.
SPEEDS = {"usual": 1.0, "slow": 1.6, "fast": 0.6, "hand": 0.0}

#: From when and until when a screen may be dark, by the device's own clock.
TIMES = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30))


@dataclass(frozen=True, slots=True)
class Show:
    """One show. Without `sleeps` it is never dark."""

    filters: dict[str, str] = field(default_factory=dict)
    speed: str = "usual"
    sleeps: str = ""
    wakes: str = ""
    #: The short address of a collection: its entries, in its order.
    collection: str = ""

    @property
    def pace(self) -> float:
        """What each slide's seconds are multiplied by; 0: nothing turns by itself."""
        return SPEEDS[self.speed]

    @property
    def query(self) -> str:
        """The part of an address that says which entries are shown, with its question mark; empty for all."""
        chosen = self.filters | ({"collection": self.collection} if self.collection else {})
        return f"?{urlencode(chosen)}" if chosen else ""


def asked(words: Mapping[str, str]) -> Show:
    """The show that an address asks for; what is unknown in it is left out."""
    sleeps, wakes = (words.get(name, "") if words.get(name) in TIMES else "" for name in ("from", "to"))
    dark = bool(sleeps and wakes and sleeps != wakes)
    collection = words.get("collection", "")
    return Show(
        published.known_filters(words), words.get("speed", "") if words.get("speed") in SPEEDS else "usual",
        sleeps if dark else "", wakes if dark else "", collection if collection.isdecimal() else "",
    )  # fmt: skip
