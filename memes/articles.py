"""What editors write for everyone: news, events, resources, the page about the campaign, channels of help. And how it is read.

Every saved version is kept; `Article.published` says which of them everyone sees. What is shipped with the program
(`data/campaign/`, and the channels of the taxonomy) is shown as long as no editor has saved a version of it. Written by `writing`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, Self
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import JSON, Date, ForeignKey, Row, Select, String, UniqueConstraint, Uuid, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from memes.db import Base
from memes.taxonomy import taxonomy

_DATA = Path(__file__).with_name("data") / "campaign"

#: In the order in which one stands in for another: what is not there in a reader's language is offered in Arabic first.
LANGUAGES = ("ar", "fr", "en")

#: What there is; of each kind but `about` editors may write new ones.
KINDS = ("news", "event", "resource", "about", "channel")


class Article(Base):
    """One thing that editors write, and which of its versions is public."""

    __tablename__ = "articles"
    __table_args__ = (UniqueConstraint("kind", "slug"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(16))
    #: Its name in addresses: small letters, digits and hyphens; never changed.
    slug: Mapped[str] = mapped_column(String(80))
    #: Raised by every change, so that nobody writes over what they have not seen.
    version: Mapped[int] = mapped_column(nullable=False)
    #: The number of the newest saved version, and of the public one if there is one.
    latest: Mapped[int]
    published: Mapped[int | None]
    #: The day on which it first became public.
    published_on: Mapped[date | None] = mapped_column(Date)
    #: The last day of a public event.
    until: Mapped[date | None] = mapped_column(Date)

    __mapper_args__ = {"version_id_col": version}


class ArticleVersion(Base):
    """What was saved once, by whom, on which day. Never changed."""

    __tablename__ = "article_versions"

    article_id: Mapped[UUID] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: All but the long texts, which lists do without: Markdown by language.
    head: Mapped[dict[str, Any]] = mapped_column(JSON)
    bodies: Mapped[dict[str, str]] = mapped_column(JSON)
    #: A moderator's id, or `shipped`.
    editor: Mapped[str] = mapped_column(String(40))
    day: Mapped[date] = mapped_column(Date)


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words. Of a channel: its name, what it is, and when somebody is there."""

    title: str
    summary: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file that belongs to an article, and the language it is in (empty: none in particular)."""

    id: UUID
    language: str


@dataclass(frozen=True, slots=True)
class Content:
    """One version: words by language, and the facts that its kind knows. Ids are of the taxonomy's lists."""

    words: Mapping[str, Words]
    #: Of a channel that an editor has added: its door (`help.DOORS`).
    form: str = ""
    audiences: tuple[str, ...] = ()
    region: str = ""
    first_day: date | None = None
    last_day: date | None = None
    begins_at: time | None = None
    ends_at: time | None = None
    licence: str = ""
    files: tuple[File, ...] = ()
    #: Of a channel: a number or an address.
    value: str = ""

    def head(self) -> dict[str, Any]:
        """All but the bodies, as JSON."""
        return {
            "words": {lang: {"title": said.title, "summary": said.summary} for lang, said in self.words.items()},
            "form": self.form, "audiences": list(self.audiences), "region": self.region, "licence": self.licence,
            "value": self.value, "files": [{"id": file.id.hex, "language": file.language} for file in self.files],
        } | {name: _written(getattr(self, name)) for name in ("first_day", "last_day", "begins_at", "ends_at")}  # fmt: skip

    def bodies(self) -> dict[str, str]:
        """The long texts."""
        return {lang: said.body for lang, said in self.words.items()}

    @classmethod
    def read(cls, head: Mapping[str, Any], bodies: Mapping[str, str] | None = None) -> Self:
        """The content of a row; without `bodies` for a list."""
        bodies = bodies or {}
        words = {lang: Words(said["title"], said["summary"], bodies.get(lang, "")) for lang, said in head["words"].items()}
        return cls(
            words, head["form"], tuple(head["audiences"]), head["region"], _day(head["first_day"]), _day(head["last_day"]),
            _time(head["begins_at"]), _time(head["ends_at"]), head["licence"],
            tuple(File(UUID(hex=file["id"]), file["language"]) for file in head["files"]), head["value"],
        )  # fmt: skip

    def spoken(self, lang: str) -> str:
        """The language in which a reader of `lang` gets it: their own, or the first one there is."""
        return lang if lang in self.words else next(other for other in LANGUAGES if other in self.words)


@dataclass(frozen=True, slots=True)
class Shown:
    """A version that everyone may see; `day` is when it was saved."""

    id: UUID
    kind: str
    slug: str
    content: Content
    number: int
    published_on: date
    day: date


def published(session: Session, kind: str) -> list[Shown]:
    """All public ones of a kind, without their bodies: events by their first day, all else from the newest on."""
    rows = session.execute(_public(kind)).all()
    saved = {row.slug for row in rows}
    found = [_shown(row) for row in rows if row.head is not None]
    found += [one for one in shipped(kind) if one.slug not in saved]
    if kind == "event":
        return sorted(found, key=lambda one: (one.content.first_day or date.max, one.content.begins_at or time.min, one.slug))
    return sorted(found, key=lambda one: (one.published_on, one.slug), reverse=True)


def published_one(session: Session, kind: str, slug: str) -> Shown | None:
    """One public article with its bodies, or None."""
    row = session.execute(_whole(kind).where(Article.slug == slug)).one_or_none()
    if row is not None:
        return None if row.head is None else _shown(row, row.bodies)
    return next((one for one in shipped(kind) if one.slug == slug), None)


def saved(session: Session, kind: str) -> dict[str, Content | None]:
    """Slug -> public content of what editors have saved of a kind, bodies included; None where they show nothing."""
    rows = session.execute(_whole(kind))
    return {row.slug: None if row.head is None else Content.read(row.head, row.bodies) for row in rows}


def newest(session: Session) -> Shown | None:
    """The news that an editor published last, without its body."""
    query = _public("news").where(Article.published.is_not(None)).order_by(Article.published_on.desc(), Article.slug.desc())
    row = session.execute(query.limit(1)).one_or_none()
    return _shown(row) if row else None


def next_event(session: Session, today: date) -> Shown | None:
    """The public event that begins first among those that are not over, without its body."""
    rows = session.execute(_public("event").where(Article.published.is_not(None), Article.until >= today))
    coming = [_shown(row) for row in rows]
    return min(coming, key=lambda one: (one.content.first_day or date.max, one.slug), default=None)


@cache
def shipped(kind: str) -> tuple[Shown, ...]:
    """What comes with the program, newest first."""
    if kind == "channel":
        return tuple(_channel(one.id) for one in taxonomy().channels.values())
    facts: dict[str, dict[str, Any]] = json.loads((_DATA / "facts.json").read_text(encoding="utf-8"))
    names = [name for name in facts if name.startswith(f"{kind}/")]
    return tuple(_from_files(name, facts[name]) for name in names)


@cache
def _whole(kind: str) -> Select[Any]:
    """Rows as `_public` has them, with their bodies. Put together once: that takes longer than to ask."""
    return _public(kind).add_columns(ArticleVersion.bodies)


@cache
def _public(kind: str) -> Select[Any]:
    """Rows of a kind with the head of the public version; nothing in its place where none is public."""
    version = and_(ArticleVersion.article_id == Article.id, ArticleVersion.number == Article.published)
    columns = (Article.id, Article.kind, Article.slug, Article.published, Article.published_on)
    query = select(*columns, ArticleVersion.head, ArticleVersion.day)
    return query.outerjoin(ArticleVersion, version).where(Article.kind == kind)


def _shown(row: Row[Any], bodies: Mapping[str, str] | None = None) -> Shown:
    content = Content.read(row.head, bodies)
    return Shown(row.id, row.kind, row.slug, content, row.published, row.published_on or row.day, row.day)


def _from_files(name: str, facts: Mapping[str, Any]) -> Shown:
    kind, _, slug = name.partition("/")
    words = {lang: _parts((_DATA / f"{name}.{lang}.md").read_text(encoding="utf-8")) for lang in LANGUAGES}
    content = Content(words, facts.get("form", ""), tuple(facts.get("audiences", ())))
    day = date.fromisoformat(facts["published_on"])
    return Shown(_shipped_id(kind, slug), kind, slug, content, 0, day, day)


def _parts(text: str) -> Words:
    """A title line, a paragraph that sums up, and the rest."""
    title, summary, body = text.strip().split("\n\n", 2)
    return Words(title.removeprefix("# "), " ".join(summary.split("\n")), body)


def _channel(channel_id: str) -> Shown:
    channel = taxonomy().channels[channel_id]
    words = {
        lang: Words(channel.label[lang], channel.description[lang], channel.hours.get(lang, "")) for lang in LANGUAGES
    }
    content = Content(words, value=channel.value)
    return Shown(_shipped_id("channel", channel_id), "channel", channel_id, content, 0, date.min, date.min)


def _shipped_id(kind: str, slug: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"insta-memes:{kind}/{slug}")


def _written(moment: date | time | None) -> str | None:
    return moment.isoformat() if moment else None


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _time(written: str | None) -> time | None:
    return time.fromisoformat(written) if written else None

