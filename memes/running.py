"""How the platform runs, as an admin has set it at the desk: languages, themes, hours, banner, pictures, batches, clocks.

Each setting is a row with a version of its own; without a row its default holds, which is how the platform runs untouched.
Values are plain JSON in the table and typed in `Running`. What a program must know before it starts is in `settings`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from memes.errors import DomainError, StaleDecision
from memes.lifecycle import ENDED, State
from memes.models import Setting
from memes.taxonomy import taxonomy

#: Hours and days of the settings are Morocco's.
MOROCCO = ZoneInfo("Africa/Casablanca")

LANGUAGES = ("ar", "fr", "en")
#: Longest banner, in characters: two lines on a phone.
BANNER_LIMIT = 160
#: State -> days for which an entry that ended in it is kept, unless an admin sets others (docs/operating.md has the reasons): long
#: enough to read the answer and to come back, and no longer.
KEEP_DAYS: Mapping[State, int] = MappingProxyType({
    State.CHANGES_REQUESTED: 90, State.DECLINED: 30, State.SUPPORTED: 180, State.REMOVED: 30, State.UNREADABLE: 7,
    State.WITHDRAWN: 7,
})  # fmt: skip
#: Most days for which an ended entry is kept: ten years.
LONGEST_KEPT = 3650


class SettingRefused(DomainError):
    """The value cannot be: `name` is the setting's."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Running:
    """All settings. The fields are the names of the rows."""

    #: Page languages that are offered, at least one.
    languages: tuple[str, ...] = LANGUAGES
    #: Themes that the form does not offer now; so a new one in the list is offered by itself.
    themes_hidden: frozenset[str] = frozenset()
    #: From and to, each day; None: at any time.
    hours: tuple[time, time] | None = None
    #: First and last day on which something can be sent; None: no such day.
    window: tuple[date | None, date | None] = (None, None)
    #: Language -> text; all three or none.
    banner: Mapping[str, str] = field(default_factory=dict)
    #: Whether pictures from phones are taken. Without, there are templates and drawings.
    photos: bool = True
    #: Whether whoever asks for a class code has it at once; otherwise the team at the desk grants it.
    open_enrolment: bool = False
    #: The hour at which what was approved is shown, all at once; None: each as soon as it is approved.
    batch_hour: int | None = None
    #: State -> days for which an entry that ended in it is kept; a state without days: until somebody sets some.
    keep_days: dict[State, int] = field(default_factory=lambda: dict(KEEP_DAYS))


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing can be sent now. `why`: `early` (the campaign has not begun), `late` (it is over) or `hours`."""

    why: str
    opens_at: datetime | None
    hours: tuple[time, time] | None


#: Name -> (from JSON, to JSON). From JSON raises ValueError, TypeError or KeyError for what cannot be.
_FORMS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "languages": (lambda raw: _languages(raw), list),
    "themes_hidden": (lambda raw: _themes(raw), sorted),
    "hours": (lambda raw: _hours(raw), lambda pair: pair and [f"{moment:%H:%M}" for moment in pair]),
    "window": (lambda raw: _window(raw), lambda pair: [day and day.isoformat() for day in pair]),
    "banner": (lambda raw: _banner(raw), dict),
    "photos": (lambda raw: _flag(raw), bool),
    "open_enrolment": (lambda raw: _flag(raw), bool),
    "batch_hour": (lambda raw: None if raw is None else _within(raw, 0, 23), lambda hour: hour),
    "keep_days": (lambda raw: _days(raw), lambda days: {state.value: number for state, number in days.items()}),
}
NAMES = tuple(_FORMS)


def read(session: Session) -> Running:
    """All settings as they are now. A row that this program cannot read leaves its default."""
    found: dict[str, Any] = {}
    for name, raw in session.execute(select(Setting.name, Setting.value)):
        try:
            found[name] = _FORMS[name][0](raw)
        except (ValueError, TypeError, KeyError):
            continue
    return replace(Running(), **found)


def plain(running: Running) -> dict[str, Any]:
    """Name -> value as JSON has it: what a form shows."""
    return {name: to_json(getattr(running, name)) for name, (_from_json, to_json) in _FORMS.items()}


def versions(session: Session) -> dict[str, int]:
    """Name -> version, to be sent back with a change; 0 for what was never changed."""
    known = {row.name: row.version for row in session.execute(select(Setting.name, Setting.version))}
    return {name: known.get(name, 0) for name in NAMES}


def change(session: Session, name: str, raw: Any, seen: int) -> str:
    """Set `name` to what `raw` (plain JSON) means; `seen` is the version that was on the screen. Returns what the log says.

    Raises SettingRefused for a value that cannot be, StaleDecision if somebody changed it meanwhile.
    """
    try:
        value = _FORMS[name][0](raw)
    except (ValueError, TypeError, KeyError):
        raise SettingRefused(name) from None
    row = session.get(Setting, name)
    if seen != (row.version if row else 0):
        raise StaleDecision(f"seen {seen} of {name}")
    if row is None:
        row = Setting(name=name)
        session.add(row)
    row.value = _FORMS[name][1](value)
    try:
        session.flush()
    except (IntegrityError, StaleDataError) as error:
        raise StaleDecision("somebody was faster") from error
    return _told(name, row.value)


def closed(running: Running, now: datetime) -> Closed | None:
    """Why nothing can be sent at `now` (aware), or None while the doors are open."""
    here, (first, last) = now.astimezone(MOROCCO), running.window
    if first and here.date() < first:
        return Closed("early", _opening(running, first), running.hours)
    if last and here.date() > last:
        return Closed("late", None, running.hours)
    if running.hours is None or running.hours[0] <= here.time() < running.hours[1]:
        return None
    day = here.date() + timedelta(days=here.time() >= running.hours[1])
    if last and day > last:
        return Closed("late", None, running.hours)
    return Closed("hours", _opening(running, day), running.hours)


def _opening(running: Running, day: date) -> datetime:
    return datetime.combine(day, running.hours[0] if running.hours else time(), MOROCCO).astimezone(UTC)


def _told(name: str, raw: Any) -> str:
    """A change as the log may keep it: the value too where it is a choice, never words that somebody typed."""
    words = [f"{key} {value}" for key, value in raw.items()] if isinstance(raw, dict) else raw
    said = f"{name}: {' '.join(map(str, words)) if isinstance(words, list) else words}".lower()
    return said if name != "banner" and len(said) <= 64 else name


def _languages(raw: Any) -> tuple[str, ...]:
    if not raw or not set(raw) <= set(LANGUAGES):
        raise ValueError
    return tuple(language for language in LANGUAGES if language in raw)


def _themes(raw: Any) -> frozenset[str]:
    hidden = frozenset(raw)
    if not hidden < set(taxonomy().themes):  # one at least is offered
        raise ValueError
    return hidden


def _hours(raw: Any) -> tuple[time, time] | None:
    if raw is None:
        return None
    if not all(re.fullmatch(r"\d\d:\d\d", moment) for moment in raw):
        raise ValueError
    start, end = (time.fromisoformat(moment) for moment in raw)
    if start >= end:
        raise ValueError
    return start, end


def _window(raw: Any) -> tuple[date | None, date | None]:
    first, last = (date.fromisoformat(day) if day else None for day in raw)
    if first and last and first > last:
        raise ValueError
    return first, last


def _banner(raw: Any) -> dict[str, str]:
    said = {language: raw[language].strip() for language in LANGUAGES} if raw else {}
    if not any(said.values()):
        return {}
    if not all(said.values()) or max(map(len, said.values())) > BANNER_LIMIT:
        raise ValueError
    return said


def _within(raw: Any, least: int, most: int) -> int:
    number = int(raw)
    if not least <= number <= most:
        raise ValueError
    return number


def _days(raw: Any) -> dict[State, int]:
    days = {State(state): _within(number, 1, LONGEST_KEPT) for state, number in raw.items()}
    if not set(days) <= ENDED:
        raise ValueError
    return days


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw
