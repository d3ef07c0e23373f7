"""The four doors of help in the words of the page's language, for templates. As `pages` does for entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from memes import db, help, kept, public_state, web


@dataclass(frozen=True, slots=True)
class Way:
    """A channel of help in the language of the page."""

    id: str
    label: str
    what: str
    hours: str
    kind: str
    href: str
    shown: str
    confirmed_on: date | None


@dataclass(frozen=True, slots=True)
class Door:
    """One of the four, in the language of the page."""

    id: str
    title: str
    art: str
    steps: tuple[str, ...]
    channels: tuple[Way, ...]


def doors() -> tuple[Door, ...]:
    """The four doors of help for the panel; with the shipped list, nobody having confirmed it, if the database is away."""
    try:
        return public_state.remembered(web.parts().database, web.session(), _read, web.language())
    except db.AWAY:
        web.session().rollback()
        kept.not_this_one()
        return _labelled(help.unconfirmed_doors(), web.language())


def _read(session: Session, lang: web.Language) -> tuple[Door, ...]:
    return _labelled(help.doors(session), lang)


def _labelled(found: Mapping[str, Sequence[help.CheckedChannel]], lang: web.Language) -> tuple[Door, ...]:
    titles = {
        "now": (_("help.now.title"), "lantern", ()),
        "talk": (_("help.talk.title"), "bubbles", ()),
        "report": (_("help.report.title"), "phone", ()),
        "image": (_("help.image.title"), "hedgehog", (_("help.image.steps"),)),
    }
    return tuple(
        Door(door, title, drawing, steps, tuple(_way(checked, lang) for checked in found[door]))
        for door, (title, drawing, steps) in titles.items()
    )


def _way(checked: help.CheckedChannel, lang: web.Language) -> Way:
    channel = checked.channel
    return Way(
        channel.id, channel.label[lang], channel.description[lang], channel.hours.get(lang, ""), channel.kind, checked.href,
        checked.shown, checked.confirmed_on,
    )  # fmt: skip
