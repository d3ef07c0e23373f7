"""Something of everything that is public, and what may happen to it: for tests about all public pages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import collections, entries, help, privacy, publishing, running, writing
from memes.articles import File
from memes.attachments import Attachment
from memes.lifecycle import Action
from memes.models import Entry, MonthlyFigures
from memes.school_models import Words
from tests import make
from tests.memes.test_articles import EVENT, NEWS
from tests.memes.test_collections import made
from tests.memes.test_gallery import approved


def everything(session: Session) -> dict[str, str]:
    """Something of each kind that is public, in each table; endpoint -> path of all pages that may be kept."""
    entry = approved(session, text="une histoire", theme="rumours")
    collection = made(session, entry)
    event = writing.create(session, "event", EVENT, editor="ed")
    file = Attachment(id=uuid4(), format="pdf", size=1, sha256="0" * 64, day=date(2026, 11, 1))
    news = writing.create(session, "news", replace(NEWS, files=(File(file.id, "fr"),)), editor="ed")
    for article in (event, news):
        writing.publish(session, article)
    session.add(file)
    session.add(MonthlyFigures(month=date(2026, 9, 1), numbers={}, entries_head="0" * 64, desk_head="0" * 64))
    help.confirm(session, "police", date(2026, 11, 1))
    running.change(session, "photos", False, 0)
    session.commit()
    return {
        "api.entry": f"/api/v1/gallery/{entry.id}", "api.gallery": "/api/v1/gallery", "articles.about": "/fr/about",
        "articles.article": f"/fr/news/{news.slug}", "articles.event_file": f"/en/events/{event.slug}.ics",
        "articles.events": "/en/events", "articles.feed": "/en/events.ics", "articles.news": "/fr/news",
        "articles.resources": "/fr/resources", "campaign.help_page": "/ar/help", "campaign.home": "/ar/",
        "campaign.offline": "/ar/offline", "campaign.privacy": "/ar/privacy", "collections.collection": f"/en/c/{collection.short}",
        "embed.framed": f"/fr/embed/{entry.id}", "feeds.everything": "/feed.atom", "feeds.in_atom": "/ar/feed.atom",
        "feeds.in_json": "/ar/feed.json", "figures.solutions": "/fr/solutions", "figures.transparency": "/fr/transparency",
        "gallery.entry": f"/fr/gallery/{entry.id}", "gallery.index": "/ar/gallery", "lessons.disclosure": "/fr/schools/disclosure",
        "lessons.index": "/fr/schools/lessons", "lessons.lesson": "/fr/schools/lessons/rumours",
        "lessons.paper": "/fr/schools/paper", "posters.index": f"/fr/gallery/{entry.id}/poster",
        "schools.entries": "/fr/screen/entries.json", "schools.index": "/fr/schools", "schools.screen": "/fr/screen",
        "schools.start": "/fr/screen/start", "sitemap.entries": "/sitemap/entries.xml",
        "sitemap.index": "/sitemap.xml", "sitemap.plain_pages": "/sitemap/pages.xml", "sitemap.written": "/sitemap/articles.xml",
    }  # fmt: skip


def _public(session: Session) -> Entry | None:
    return session.scalars(select(Entry).where(Entry.published_on.is_not(None))).first()


def _approve(session: Session, _collection: str) -> None:
    entries.transition(session, make.pending(session, theme="rumours"), Action.APPROVE, actor="m")


def _leave(action: Action) -> Callable[[Session, str], None]:
    def leave(session: Session, _collection: str) -> None:
        if entry := _public(session):
            entries.transition(session, entry, action, actor="m")

    return leave


def _rewrite(session: Session, _collection: str) -> None:
    if entry := _public(session):
        entry.caption = f"{entry.caption}!"[-20:]


def _pick(session: Session, collection: str) -> None:
    row = session.get_one(collections.Collection, collection)
    if (entry := _public(session)) and len(row.items) < 5 and entry.id not in {item.entry_id for item in row.items}:
        collections.add(session, row, entry.id)


def _read(session: Session, collection: str) -> None:
    row = session.get_one(collections.Collection, collection)
    row.words = Words.HIDDEN if row.words is Words.SHOWN else Words.SHOWN


def _setting(name: str, *values: object) -> Callable[[Session, str], None]:
    def change(session: Session, _collection: str) -> None:
        seen = running.versions(session)[name]
        running.change(session, name, values[seen % len(values)], seen)

    return change


def _news(session: Session, _collection: str) -> None:
    writing.publish(session, writing.create(session, "news", NEWS, editor="ed"))


def _no_news(session: Session, _collection: str) -> None:
    if (article := writing.find(session, "news", "un-atelier-a-rabat")) and article.published:
        writing.unpublish(session, "news", article.slug, seen=article.version)


def _batch(session: Session, _collection: str) -> None:
    publishing.publish_due(session)


#: What happens -> how; each is given the short address of a collection beside the session.
STEPS: dict[str, Callable[[Session, str], None]] = {
    "approve": _approve, "withdraw": _leave(Action.WITHDRAW), "take down": _leave(Action.TAKE_DOWN), "rewrite": _rewrite,
    "pick": _pick, "read": _read, "news": _news, "no news": _no_news,
    "hour": _setting("batch_hour", 18, None), "languages": _setting("languages", ["fr", "ar"], ["ar", "fr", "en"]),
    "banner": _setting("banner", {"ar": "مرحبا", "fr": "Bonjour", "en": "Hello"}, {}),
    "keep": _setting("keep_days", {"declined": 31}, {"declined": 60}),
    "batch": _batch,
    "confirm": lambda session, _collection: help.confirm(session, "police", privacy.now().date()),
}  # fmt: skip
