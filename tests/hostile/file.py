"""One hostile file: its bytes, what is to become of it, what a person would see; and what nobody may find afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PIL import Image

from tests.workers.pictures import CANARY

#: Why the web may refuse a picture, in its own words; "" if it does not.
KINDLY = {"empty", "too_big", "type", "damaged", "too_many_pixels", ""}
#: What was hidden in the files, and what metadata begins with.
STOWAWAYS = (
    CANARY.encode(), CANARY.encode("utf-16-le"), b"<?php", b"<script", b"PK\3\4", b"%PDF", b"Exif\0\0", b"xpacket", b"8BIM",
    b"ICC_PROFILE", b"jumb", b"c2pa",
)  # fmt: skip


class Outcome(Enum):
    """What the catalogue expects: a kind refusal, clean sizes, or one of the two (where decoders may be forgiving)."""

    REJECT = "reject"
    CLEAN = "clean"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class File:
    """`row/what` as a name; `make` gives the bytes, the same each time.

    `shows` is what the clean sizes must look like, upright and in sRGB, within `error` (mean of 0 to 255).
    """

    name: str
    make: Callable[[], bytes]
    outcome: Outcome
    shows: Callable[[], Image.Image] | None = None
    error: float = 8.0


def given(name: str, data: bytes, outcome: Outcome = Outcome.EITHER) -> File:
    """A file whose bytes are at hand."""
    return File(name, lambda: data, outcome)
