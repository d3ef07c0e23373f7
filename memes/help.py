"""The help directory: four doors, their channels, and whether anybody has checked them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes.models import HelpConfirmation
from memes.taxonomy import Channel, taxonomy

DOORS = ("now", "talk", "report", "image")


@dataclass(frozen=True, slots=True)
class CheckedChannel:
    """A channel and the day an operator last confirmed it (None: never)."""

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
    """Door -> channels to show: those shown by default, and any other once it is confirmed."""
    return _doors({row.channel: row.confirmed_on for row in session.scalars(select(HelpConfirmation))})


def unconfirmed_doors() -> dict[str, list[CheckedChannel]]:
    """The doors when the database is away: help must stay on the page, marked as unchecked."""
    return _doors({})


def _doors(confirmed: dict[str, date]) -> dict[str, list[CheckedChannel]]:
    channels = [CheckedChannel(channel, confirmed.get(channel.id)) for channel in taxonomy().channels.values()]
    shown = [checked for checked in channels if checked.channel.show_by_default or checked.confirmed_on]
    return {door: [checked for checked in shown if checked.channel.door == door] for door in DOORS}


def confirm(session: Session, channel: str, day: date) -> None:
    """Note that an operator has called or opened the channel on `day`; raises KeyError for an unknown one."""
    if channel not in taxonomy().channels:
        raise KeyError(channel)
    session.merge(HelpConfirmation(channel=channel, confirmed_on=day))
