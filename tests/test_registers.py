"""The record of processing for the CNDP and the impact assessment say in both languages what the program does."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from memes import classes, collections, figures, first_reading, limits
from memes.lifecycle import State
from memes.running import KEEP_DAYS
from memes.taxonomy import taxonomy
from moderation import sessions

DOCS = Path(__file__).resolve().parent.parent / "docs"
LANGUAGES = ("fr", "ar")


def words(name: str, language: str) -> str:
    return (DOCS / f"{name}.{language}.md").read_text(encoding="utf-8")


def hours(length: timedelta) -> int:
    return int(length.total_seconds() // 3600)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_days_of_the_record_are_the_days_of_the_program(language: str) -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (\d+) \|", words("registre-cndp", language), re.MULTILINE)
    assert {State(state): int(days) for state, days in rows} == dict(KEEP_DAYS)
    assert f" {KEEP_DAYS[State.DECLINED]} " in words("aipd", language)
    operating = (DOCS / "operating.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| (\d+) \|", operating, re.MULTILINE)
    assert {State(state): int(days) for state, days in told} == dict(KEEP_DAYS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_other_lengths_are_those_of_the_program(language: str) -> None:
    others = words("registre-cndp", language).partition("## 7.")[2].partition("## 8.")[0]
    likenesses = sorted({reason.likeness_days for reason in taxonomy().reasons.values()} - {0})
    found = [
        [*map(str, likenesses)], [str(limits._DAY // 3600)], [str(classes.LASTS.days)], [str(collections.UNUSED.days)],
        [str(int(sessions.IDLE.total_seconds() // 60)), str(hours(sessions.ABSOLUTE))], [str(hours(sessions.KEPT))], ["30"],
    ]  # fmt: skip
    rows = [re.findall(r"\d+", row) for row in re.findall(r"^\|[^|`]*\|([^|]*)\|$", others, re.MULTILINE)]
    assert [row for row in rows if row] == found
    first = words("registre-cndp", language).partition("## 5.")[2]
    assert re.search(rf"\b{first_reading.KEPT.days}\b", first)
    assert re.search(rf"\b{figures.THRESHOLD}\b", first)


@pytest.mark.parametrize("name", ["registre-cndp", "aipd"])
def test_both_languages_have_the_same_parts_rows_and_marks(name: str) -> None:
    french, arabic = (words(name, language) for language in LANGUAGES)
    for pattern in (r"^#+ ?\d*", r"^\|", r"^\d+\. ", r"^- "):
        assert len(re.findall(pattern, french, re.MULTILINE)) == len(re.findall(pattern, arabic, re.MULTILINE)), pattern
    for mine, theirs in (("[juriste]", "[قانوني]"), ("[à compléter]", "[للاستكمال]")):
        assert french.count(mine) == arabic.count(theirs) > 3, mine
    assert re.findall(r"\d × \d", french) == re.findall(r"\d × \d", arabic), "the same weights"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["registre-cndp", "aipd"])
def test_what_they_point_at_is_there(name: str, language: str) -> None:
    text = words(name, language)
    assert all((DOCS / link).exists() for link in re.findall(r"\]\(([\w.-]+)\)", text))
    assert all((DOCS.parent / path).exists() for path in re.findall(r"`(tests/[\w/.]+)`", text))
    assert not re.search(r"[٠-٩]", text), "western digits"
