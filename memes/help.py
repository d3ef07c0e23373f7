"""The help directory: four doors, their channels, and whether anybody has checked them.

Channels come with the program (`taxonomy`); editors change, hide and show them as articles of the kind `channel`, and add others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import articles
from memes.articles import Content
from memes.models import HelpConfirmation
from memes.taxonomy import Channel, taxonomy

DOORS = ("now", "talk", "report", "image")

#: How long a confirmation is worth something: numbers of help change.
FRESH = timedelta(days=180)


def is_due(confirmed_on: date | None, today: date) -> bool:
    """Whether somebody should call or open a channel again."""
    return confirmed_on is None or today - confirmed_on > FRESH


@dataclass(frozen=True, slots=True)
class CheckedChannel:
    """A channel and the day it was last confirmed (None: never)."""

    channel: Channel
    confirmed_on: date | None

    @property
    def href(self) -> str:
        """What opening it means."""
        value = self.channel.value
        return "tel:" + value.replace(" ", "") if self.channel.kind == "phone" else value

    @property
    def shown(self) -> str:
        """The short text people see."""
        return self.channel.value.removeprefix("https://").removeprefix("www.").rstrip("/")


def doors(session: Session) -> dict[str, list[CheckedChannel]]:
    """Door -> channels to show: those shown by default, and any other once it is confirmed; or as editors have it."""
    found = _channels(_confirmations(session), articles.saved(session, "channel"))
    return {door: [checked for checked in found if checked.channel.door == door] for door in DOORS}


def shown_ids(session: Session) -> set[str]:
    """The channels that everyone sees."""
    return {checked.channel.id for channels in doors(session).values() for checked in channels}


def unconfirmed_doors() -> dict[str, list[CheckedChannel]]:
    """The doors when the database is away: help must stay on the page, marked as unchecked."""
    found = _channels({}, {})
    return {door: [checked for checked in found if checked.channel.door == door] for door in DOORS}


def confirm(session: Session, channel: str, day: date, value: str | None = None) -> None:
    """Note that somebody has called or opened the channel on `day`; raises KeyError for an unknown one.

    `value` is the number or address that was tried; the one that is public, unless given.
    """
    public = articles.saved(session, "channel").get(channel)
    tried = value or (public.value if public else taxonomy().channels[channel].value)
    session.merge(HelpConfirmation(channel=channel, confirmed_on=day, value=tried))


def confirmed_on(session: Session, channel: str, value: str) -> date | None:
    """The day on which this number or address of a channel was last tried, if it was."""
    return _valid(_confirmations(session).get(channel), channel, value)


def _confirmations(session: Session) -> dict[str, HelpConfirmation]:
    return {row.channel: row for row in session.scalars(select(HelpConfirmation))}


def _channels(
    confirmed: Mapping[str, HelpConfirmation], saved: Mapping[str, Content | None]
) -> list[CheckedChannel]:
    """What is shown, in the order of the taxonomy; behind it what editors have added, each at the door that it was given."""
    found = []
    for channel in taxonomy().channels.values():
        content = saved.get(channel.id)
        now = _as_edited(channel, content) if content else channel
        day = _valid(confirmed.get(channel.id), channel.id, now.value)
        shown = content is not None if channel.id in saved else channel.show_by_default or day is not None
        if shown:
            found.append(CheckedChannel(now, day))
    for name, content in sorted(saved.items()):
        if content is not None and name not in taxonomy().channels:
            kind = "url" if content.value.startswith("https://") else "phone"
            added = _as_edited(Channel(name, {}, {}, door=content.form, kind=kind), content)
            found.append(CheckedChannel(added, _valid(confirmed.get(name), name, added.value)))
    return found


def _as_edited(channel: Channel, content: Content) -> Channel:
    label, what, hours = (
        {lang: getattr(said, part) for lang, said in content.words.items()} for part in ("title", "summary", "body")
    )
    return replace(channel, label=label, description=what, hours=hours, value=content.value)


def _valid(row: HelpConfirmation | None, channel: str, value: str) -> date | None:
    """A confirmation counts for what was tried; one from before that was kept, for what came with the program."""
    if row is None:
        return None
    tried = row.value or (taxonomy().channels[channel].value if channel in taxonomy().channels else None)
    return row.confirmed_on if tried == value else None
