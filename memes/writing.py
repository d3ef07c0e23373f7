"""The verbs of editors: save, publish, unpublish, restore. And what they read: everything there is, and every earlier version.

A verb is told the version of the article that was seen and raises StaleDecision if it has changed since; nothing is committed.
Who may, and the line in the desk's log, are the desk's matter (`moderation.editing`).
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from memes import help as help_directory
from memes.articles import LANGUAGES, Article, ArticleVersion, Content, File, shipped
from memes.errors import Incomplete, NotFound, StaleDecision
from memes.privacy import now

#: Whose the first version is where it came with the program.
SHIPPED = "shipped"

#: In characters; of a channel, so that a confirmation can name it.
_LONGEST_SLUG, _LONGEST_CHANNEL = 60, 28


@dataclass(frozen=True, slots=True)
class Draft:
    """The newest version of an article, as an editor meets it. `version` is what they send back as seen; 0: never saved."""

    kind: str
    slug: str
    version: int
    latest: int
    published: int | None
    content: Content

    @property
    def is_public(self) -> bool:
        """Whether everyone sees some version of it."""
        return self.published is not None

    @property
    def has_unpublished(self) -> bool:
        """Whether there is something newer than what everyone sees."""
        return self.published != self.latest


def everything(session: Session, kind: str) -> list[Draft]:
    """The newest versions of all articles of a kind, without bodies, what was changed last first; the shipped ones behind."""
    newest = and_(ArticleVersion.article_id == Article.id, ArticleVersion.number == Article.latest)
    query = select(Article, ArticleVersion.head).join(ArticleVersion, newest).where(Article.kind == kind)
    rows = session.execute(query.order_by(ArticleVersion.day.desc(), Article.slug)).all()
    saved = {row.Article.slug for row in rows}
    found = [_draft(row.Article, Content.read(row.head)) for row in rows]
    return found + [draft for draft in _untouched(session, kind) if draft.slug not in saved]


def newest(session: Session, kind: str, slug: str) -> Draft:
    """The newest version of one article; raises NotFound."""
    article = find(session, kind, slug)
    if article is not None:
        return _draft(article, content_of(session, article, article.latest))
    found = next((draft for draft in _untouched(session, kind) if draft.slug == slug), None)
    if found is None:
        raise NotFound("no such article")
    return found


def blank(kind: str) -> Draft:
    """What there is of an article before anybody has saved it."""
    return Draft(kind, "", 0, 0, None, Content({}))


def find(session: Session, kind: str, slug: str) -> Article | None:
    """The row of an article, if an editor has ever saved one."""
    return session.scalar(select(Article).where(Article.kind == kind, Article.slug == slug))


def versions(session: Session, article: Article) -> list[ArticleVersion]:
    """All that was ever saved, newest first."""
    query = select(ArticleVersion).where(ArticleVersion.article_id == article.id)
    return list(session.scalars(query.order_by(ArticleVersion.number.desc())))


def content_of(session: Session, article: Article, number: int) -> Content:
    """One version; raises NotFound."""
    row = session.get(ArticleVersion, (article.id, number))
    if row is None:
        raise NotFound("no such version")
    return Content.read(row.head, row.bodies)


def create(session: Session, kind: str, content: Content, *, editor: str) -> Article:
    """A new draft, under a name made from its title."""
    article = Article(kind=kind, slug=_free_slug(session, kind, content), latest=0)
    session.add(article)
    _add_version(session, article, content, editor)
    _flush(session)
    return article


def save(session: Session, kind: str, slug: str, content: Content, *, editor: str, seen: int) -> Article:
    """Keep `content` as the newest version; what is public stays as it is. The same content again is no new version."""
    article = find(session, kind, slug) or _adopted(session, kind, slug)
    _check(article, seen)
    if content != content_of(session, article, article.latest):
        _add_version(session, article, content, editor)
    _flush(session)
    return article


def publish(session: Session, article: Article, *, formats: Collection[str] = ()) -> None:
    """Show everyone the newest version. `formats`: of its files. Raises Incomplete, with the field that is missing."""
    content = content_of(session, article, article.latest)
    missing = lacking(article.kind, content, formats)
    if missing:
        raise Incomplete(missing)
    article.published = article.latest
    article.published_on = article.published_on or now().date()
    article.until = content.last_day or content.first_day
    _flush(session)


def unpublish(session: Session, kind: str, slug: str, *, seen: int) -> Article:
    """Show it to nobody; every version stays."""
    article = find(session, kind, slug) or _adopted(session, kind, slug)
    _check(article, seen)
    article.published = article.until = None
    _flush(session)
    return article


def restore(session: Session, article: Article, number: int, *, editor: str, seen: int) -> None:
    """Make an earlier version the newest again, as a draft; raises NotFound."""
    _check(article, seen)
    _add_version(session, article, content_of(session, article, number), editor)
    _flush(session)


def with_file(content: Content, file: File) -> Content:
    """The same with one file more."""
    return replace(content, files=(*content.files, file))


def lacking(kind: str, content: Content, formats: Collection[str]) -> str:
    """The field without which an article of this kind cannot be public, or nothing."""
    if not content.words:
        return "title"
    if kind in ("news", "about") and not all(said.body for said in content.words.values()):
        return "body"
    if kind == "event" and content.first_day is None:
        return "first_day"
    if kind == "channel" and set(content.words) != set(LANGUAGES):
        return "title"
    if kind == "channel" and not content.value:
        return "value"
    # WCAG 2.2, 1.2.2: who cannot hear it reads it.
    if {"mp4", "webm"} & set(formats) and "vtt" not in formats:
        return "captions"
    return ""


def _draft(article: Article, content: Content) -> Draft:
    return Draft(article.kind, article.slug, article.version, article.latest, article.published, content)


def _untouched(session: Session, kind: str) -> list[Draft]:
    """What came with the program, each as if saved once. Of it only a channel can be hidden from everyone."""
    found = shipped(kind)
    public = {one.slug for one in found} if kind != "channel" else help_directory.shown_ids(session)
    return [Draft(kind, one.slug, 0, 1, 1 if one.slug in public else None, one.content) for one in found]


def _adopted(session: Session, kind: str, slug: str) -> Article:
    """A shipped article becomes one of the editors', with what was shipped as its first version."""
    draft = newest(session, kind, slug)
    one = next(one for one in shipped(kind) if one.slug == slug)
    article = Article(id=one.id, kind=kind, slug=slug, latest=0, published=draft.published, published_on=one.published_on)
    session.add(article)
    _add_version(session, article, one.content, SHIPPED)
    return article


def _add_version(session: Session, article: Article, content: Content, editor: str) -> None:
    article.latest += 1
    if article.id is None:
        session.flush()  # its id is the version's
    session.add(ArticleVersion(article_id=article.id, number=article.latest, head=content.head(), bodies=content.bodies(),
                               editor=editor, day=now().date()))  # fmt: skip


def _check(article: Article, seen: int) -> None:
    if (article.version or 0) != seen:
        raise StaleDecision("changed since it was opened")


def _flush(session: Session) -> None:
    try:
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise StaleDecision("somebody was faster") from error


def _free_slug(session: Session, kind: str, content: Content) -> str:
    title = next((content.words[lang].title for lang in ("fr", "en") if lang in content.words), "")
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    longest = _LONGEST_CHANNEL if kind == "channel" else _LONGEST_SLUG
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-") or f"{kind}-{now().date()}"
    taken = set(session.scalars(select(Article.slug).where(Article.kind == kind, Article.slug.startswith(base))))
    taken |= {one.slug for one in shipped(kind)} | {"new"}
    return next(name for name in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))) if name not in taken)
