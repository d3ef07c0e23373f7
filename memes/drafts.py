"""What a child wants to send, before it is an entry, and the rules it must meet, whichever way it comes (page or API)."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Self

from memes import guard
from memes.taxonomy import NO_ANSWER, taxonomy
from memes.text import clean

#: Longest texts, in characters. 2 000 is a page by hand; a caption must be read from the last row (features 1.1).
LIMITS = {"text": 2000, "caption": 200, "alt": 300}

#: What need not be told.
OPTIONAL = ("age", "region", "mood", "nickname")


@dataclass(frozen=True)
class Draft:
    """The fields of the share form. Texts are cleaned by `cleaned`; what is in OPTIONAL is None when not told."""

    kind: str
    language: str
    theme: str
    text: str = ""
    caption: str = ""
    alt: str = ""
    age: str | None = None
    region: str | None = None
    mood: str | None = None
    nickname: str | None = None
    consent_gallery: bool = False
    consent_schools: bool = False
    consent_print: bool = False

    def cleaned(self) -> Self:
        """The same draft with harmless texts and without empty answers."""
        return replace(
            self,
            text=clean(self.text),
            caption=clean(self.caption, lines=False),
            alt=clean(self.alt, lines=False),
            age=_told(self.age),
            region=_told(self.region),
            mood=_told(self.mood),
            nickname=_told(self.nickname),
        )

    @cached_property
    def findings(self) -> dict[str, list[guard.Finding]]:
        """Field -> what the guard finds in its words; without the fields in which it finds nothing. Looked for once."""
        found = {field: guard.find(getattr(self, field)) for field in LIMITS}
        return {field: findings for field, findings in found.items() if findings}

    @property
    def signals(self) -> list[str]:
        """The kinds of all that is found, sorted, each once."""
        return guard.signals(chain.from_iterable(self.findings.values()))

    def digest(self, image: str) -> bytes:
        """SHA-256 over all fields and the picture's mark (`receipts.mark_of`, or empty)."""
        fields = (self.kind, self.language, self.theme, self.text, self.caption, self.alt, self.age, self.region, image,
                  self.mood, self.nickname)  # fmt: skip
        consents = (self.consent_gallery, self.consent_schools, self.consent_print)
        return hashlib.sha256(repr((fields, consents)).encode()).digest()


def _told(answer: str | None) -> str | None:
    return None if answer in (None, "", NO_ANSWER) else answer


def problems(draft: Draft, *, has_image: bool) -> dict[str, str]:
    """Field -> what is wrong with it (`unknown`, `empty`, `too_long`); empty when the draft can be sent."""
    lists = taxonomy()
    found: dict[str, str] = {}
    for field, known in (("kind", lists.kinds), ("language", lists.languages), ("theme", lists.themes)):
        if getattr(draft, field) not in known:
            found[field] = "unknown"
    for field, known in zip(OPTIONAL, (lists.ages, lists.regions, lists.moods, lists.nicknames), strict=True):
        if getattr(draft, field) is not None and getattr(draft, field) not in known:
            found[field] = "unknown"
    for field, longest in LIMITS.items():
        if len(getattr(draft, field)) > longest:
            found[field] = "too_long"
    if draft.kind == "meme" and not has_image:
        found["image"] = "empty"
    if draft.kind in ("story", "solution") and not draft.text:
        found["text"] = "empty"
    return found
