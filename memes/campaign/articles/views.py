"""News, events, resources and the page about the campaign."""

from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request

from memes import article_pages, articles, attachments, web
from memes.campaign.articles import calendar
from memes.taxonomy import taxonomy

bp = Blueprint("articles", __name__)

PAGE_SIZE = 20


@bp.get(f"/{web.LANGUAGE_RULE}/news")
def news() -> str:
    """What happens in the campaign, newest first; and what is coming."""
    found = articles.published(web.session(), "news")
    asked = max(request.args.get("page", 1, type=int), 1)
    pages = [article_pages.page(one) for one in found[(asked - 1) * PAGE_SIZE : asked * PAGE_SIZE]]
    more = asked + 1 if len(found) > asked * PAGE_SIZE else None
    return render_template("campaign/news.html", news=pages, coming=_events()[0], more=more, page=asked)


@bp.get(f"/{web.LANGUAGE_RULE}/events")
def events() -> str:
    """What is coming, soonest first, and what has been."""
    coming, over = _events()
    return render_template("campaign/events.html", coming=coming, over=over[::-1][:PAGE_SIZE])


@bp.get(f"/{web.LANGUAGE_RULE}/resources")
def resources() -> str:
    """Publications, video capsules and posters; `for` is one of the audiences."""
    audience = request.args.get("for", "")
    found = articles.published(web.session(), "resource")
    if audience:
        found = [one for one in found if audience in one.content.audiences]
    return render_template(
        "campaign/resources.html", resources=[article_pages.page(one) for one in found], audience=audience,
        audiences=web.choices(taxonomy().audiences),
    )  # fmt: skip


@bp.get(f"/{web.LANGUAGE_RULE}/about")
def about() -> str:
    """What the campaign is, who runs it, for whom."""
    return _article("about", "campaign")


@bp.get(f"/{web.LANGUAGE_RULE}/<any(news, events, resources):folder>/<slug>")
def article(folder: str, slug: str) -> str:
    """One of them."""
    kind = next(kind for kind, name in article_pages.FOLDERS.items() if name == folder)
    return _article(kind, slug)


@bp.get(f"/{web.LANGUAGE_RULE}/events.ics")
def feed() -> Response:
    """All events, for a calendar to subscribe to."""
    return _calendar(articles.published(web.session(), "event"))


@bp.get(f"/{web.LANGUAGE_RULE}/events/<slug>.ics")
def event_file(slug: str) -> Response:
    """One event, to put into one's own calendar."""
    found = articles.published_one(web.session(), "event", slug) or abort(404)
    return _calendar([found])


@bp.get("/files/<uuid:file_id>")
def file(file_id: UUID) -> Response:
    """A file of a public article; asked of the database each time, so that what is not public any more is gone."""
    found = attachments.public(web.session(), file_id) or abort(404)
    return article_pages.answer_file(found)


def _article(kind: str, slug: str) -> str:
    found = articles.published_one(web.session(), kind, slug) or abort(404)
    page = article_pages.page(found, attachments.of(web.session(), found.content))
    return render_template("campaign/article.html", kind=kind, slug=slug, article=page)


def _events() -> tuple[list[article_pages.Page], list[article_pages.Page]]:
    pages = [article_pages.page(one) for one in articles.published(web.session(), "event")]
    return [one for one in pages if not one.over], [one for one in pages if one.over]


def _calendar(found: list[articles.Shown]) -> Response:
    text = calendar.write(found, web.language(), request.host_url)
    response = Response(text, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="insta-memes.ics"'
    return response
