"""What editors write: versions, what is public of them, and what comes with the program."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session

from memes import articles, help, privacy, writing
from memes.articles import LANGUAGES, Content, File, Words, shipped
from memes.campaign.articles import calendar
from memes.db import Database
from memes.errors import Incomplete, NotFound, StaleDecision
from memes.models import HelpConfirmation
from memes.taxonomy import taxonomy

NEWS = Content({"fr": Words("Un atelier à Rabat", "Bientôt.", "Venez."), "ar": Words("ورشة", "قريبا", "مرحبا")})
EVENT = Content(
    {"en": Words("Day at school", "Come, all; it is free.\nReally.")}, form="workshop", audiences=("teachers",), region="MA-04",
    first_day=date(2026, 12, 4), begins_at=time(10), ends_at=time(12, 30),
)  # fmt: skip


def test_an_article_is_public_once_it_is_published_and_as_it_was_then(session: Session) -> None:
    article = writing.create(session, "news", NEWS, editor="ed")
    assert article.slug == "un-atelier-a-rabat"
    assert articles.published_one(session, "news", article.slug) is None
    writing.publish(session, article)
    changed = Content({"fr": Words("Deux ateliers", "Bientôt.", "Venez.")})
    writing.save(session, "news", article.slug, changed, editor="ed", seen=article.version)
    shown = articles.published_one(session, "news", article.slug)
    assert shown is not None
    assert (shown.content, shown.number) == (NEWS, 1)
    assert shown.slug in [one.slug for one in articles.published(session, "news")]
    assert articles.newest(session) is not None
    draft = writing.newest(session, "news", article.slug)
    assert (draft.content, draft.has_unpublished, draft.is_public) == (changed, True, True)


def test_what_was_written_comes_back_from_the_database_as_it_was(database: Database) -> None:
    files = (File(uuid4(), "fr"), File(uuid4(), ""))
    content = Content(EVENT.words, "conference", ("parents", "children"), "MA-01", date(2026, 1, 2), date(2026, 1, 3), time(9),
                      None, "cc-by-4.0", files, "x")  # fmt: skip
    with database.writing() as session:
        slug = writing.create(session, "event", content, editor="ed").slug
    with database.reads() as session:
        assert writing.newest(session, "event", slug).content == content


def test_nobody_writes_over_what_they_have_not_seen(session: Session) -> None:
    article = writing.create(session, "news", NEWS, editor="ed")
    seen = article.version
    writing.save(session, "news", article.slug, EVENT, editor="ed", seen=seen)
    for late in (
        lambda: writing.save(session, "news", article.slug, NEWS, editor="flo", seen=seen),
        lambda: writing.unpublish(session, "news", article.slug, seen=seen),
        lambda: writing.restore(session, article, 1, editor="flo", seen=seen),
    ):
        with pytest.raises(StaleDecision):
            late()
    assert [(row.number, row.editor) for row in writing.versions(session, article)] == [(2, "ed"), (1, "ed")]


def test_of_two_who_save_at_once_one_is_told(database: Database) -> None:
    with database.writing() as session:
        article = writing.create(session, "news", NEWS, editor="ed")
        slug, seen = article.slug, article.version
    with database.writes() as slow:
        loaded = writing.find(slow, "news", slug)
        slow.commit()  # the row stays loaded, as it was
        with database.writing() as quick:
            writing.save(quick, "news", slug, EVENT, editor="ed", seen=seen)
        assert loaded is not None
        with pytest.raises(StaleDecision):
            writing.restore(slow, loaded, 1, editor="flo", seen=seen)


def test_of_two_who_change_what_is_shipped_at_once_one_is_told(database: Database) -> None:
    slug = shipped("news")[0].slug
    with database.writing() as session:
        writing.save(session, "news", slug, NEWS, editor="ed", seen=0)
    with database.writes() as session, pytest.raises(StaleDecision):
        writing.save(session, "news", slug, EVENT, editor="flo", seen=0)


def test_an_earlier_version_comes_back_as_the_newest_and_nothing_is_lost(session: Session) -> None:
    article = writing.create(session, "news", NEWS, editor="ed")
    other = Content({"fr": Words("Deux ateliers", "", "Venez.")})
    writing.save(session, "news", article.slug, other, editor="flo", seen=article.version)
    writing.publish(session, article)
    writing.restore(session, article, 1, editor="ed", seen=article.version)
    assert [writing.content_of(session, article, number) for number in (1, 2, 3)] == [NEWS, other, NEWS]
    shown = articles.published_one(session, "news", article.slug)
    assert shown is not None
    assert shown.number == 2
    with pytest.raises(NotFound):
        writing.restore(session, article, 9, editor="ed", seen=article.version)


def test_saving_the_same_again_makes_no_version(session: Session) -> None:
    article = writing.create(session, "news", NEWS, editor="ed")
    writing.save(session, "news", article.slug, NEWS, editor="ed", seen=article.version)
    assert article.latest == 1


def test_what_is_not_public_any_more_is_gone_for_everyone(session: Session) -> None:
    article = writing.create(session, "news", NEWS, editor="ed")
    writing.publish(session, article)
    writing.unpublish(session, "news", article.slug, seen=article.version)
    assert articles.published_one(session, "news", article.slug) is None
    assert article.slug not in [one.slug for one in articles.published(session, "news")]
    assert articles.newest(session) is None


def test_two_with_the_same_title_have_names_of_their_own(session: Session) -> None:
    names = [writing.create(session, "news", NEWS, editor="ed").slug for _ in range(3)]
    assert names == ["un-atelier-a-rabat", "un-atelier-a-rabat-2", "un-atelier-a-rabat-3"]
    arabic = writing.create(session, "news", Content({"ar": NEWS.words["ar"]}), editor="ed")
    assert arabic.slug == f"news-{privacy.now().date()}"


@pytest.mark.parametrize(
    ("kind", "content", "formats", "missing"),
    [
        ("news", Content({}), (), "title"),
        ("news", Content({"ar": Words("x", "y", "")}), (), "body"),
        ("event", NEWS, (), "first_day"),
        ("event", EVENT, (), ""),
        ("resource", NEWS, ("mp4",), "captions"),
        ("resource", NEWS, ("webm", "vtt"), ""),
        ("channel", Content(NEWS.words, value="19"), (), "title"),
        ("channel", Content({lang: Words("x") for lang in LANGUAGES}), (), "value"),
    ],
)
def test_what_an_article_needs_before_everyone_sees_it(kind: str, content: Content, formats: tuple[str, ...], missing: str) -> None:
    assert writing.lacking(kind, content, formats) == missing


def test_nothing_incomplete_is_published(session: Session) -> None:
    article = writing.create(session, "event", NEWS, editor="ed")
    with pytest.raises(Incomplete):
        writing.publish(session, article)
    assert article.published is None


def test_what_is_shipped_stays_public_while_an_editor_drafts_another_version(session: Session) -> None:
    one = shipped("news")[0]
    before = articles.published(session, "news")
    changed = Content({"ar": Words("x", "y", "z")})
    article = writing.save(session, "news", one.slug, changed, editor="ed", seen=0)
    shown = articles.published_one(session, "news", one.slug)
    assert shown is not None
    assert (shown.content, shown.published_on, shown.id) == (one.content, one.published_on, one.id)
    assert [found.slug for found in articles.published(session, "news")] == [found.slug for found in before]
    writing.publish(session, article)
    assert articles.published(session, "news")[0].content.words["ar"].title == "x"
    writing.unpublish(session, "news", one.slug, seen=article.version)
    assert one.slug not in [found.slug for found in articles.published(session, "news")]
    assert [row.editor for row in writing.versions(session, article)] == ["ed", "shipped"]


@pytest.mark.parametrize("kind", ["about", "news", "resource"])
def test_what_is_shipped_is_there_in_three_languages_with_what_its_kind_needs(kind: str) -> None:
    for one in shipped(kind):
        assert set(one.content.words) == set(LANGUAGES)
        assert not writing.lacking(kind, one.content, ())
        assert all(said.title and said.summary and said.body for said in one.content.words.values())


def test_the_next_event_is_the_first_that_is_not_over(session: Session) -> None:
    today = date(2026, 12, 4)
    for days in (-3, 9, 2):
        first = today + timedelta(days=days)
        writing.publish(session, writing.create(session, "event", Content(EVENT.words, first_day=first), editor="ed"))
    coming = articles.next_event(session, today)
    assert coming is not None
    assert coming.content.first_day == date(2026, 12, 6)
    assert [one.content.first_day for one in articles.published(session, "event")] == sorted(
        today + timedelta(days=days) for days in (-3, 9, 2)
    )


def test_a_channel_is_unverified_until_the_very_number_is_confirmed(session: Session) -> None:
    def police() -> help.CheckedChannel:
        return next(checked for checked in help.doors(session)["now"] if checked.channel.id == "police")

    day = date(2026, 1, 2)
    help.confirm(session, "police", day)
    assert police().confirmed_on == day
    words = {lang: Words(f"Police {lang}", "…", "24/7") for lang in LANGUAGES}
    article = writing.save(session, "channel", "police", Content(words, value="190"), editor="ed", seen=0)
    assert police().channel.value == "19"
    writing.publish(session, article)
    assert (police().channel.value, police().channel.hours["fr"], police().confirmed_on) == ("190", "24/7", None)
    help.confirm(session, "police", day)
    assert police().confirmed_on == day
    writing.unpublish(session, "channel", "police", seen=article.version)
    assert "police" not in help.shown_ids(session)


def test_a_channel_that_is_hidden_at_first_stays_so_while_it_is_drafted(session: Session) -> None:
    hidden = next(one for one in taxonomy().channels.values() if not one.show_by_default)
    words = {lang: Words("x") for lang in LANGUAGES}
    article = writing.save(session, "channel", hidden.id, Content(words, value="0800"), editor="ed", seen=0)
    assert hidden.id not in help.shown_ids(session)
    writing.publish(session, article)
    assert hidden.id in help.shown_ids(session)


def test_a_confirmation_from_before_values_were_kept_still_counts(session: Session) -> None:
    session.add(HelpConfirmation(channel="police", confirmed_on=date(2026, 1, 2)))
    assert help.confirmed_on(session, "police", "19") == date(2026, 1, 2)
    assert help.confirmed_on(session, "police", "190") is None


def test_a_confirmation_is_due_again_after_180_days() -> None:
    day = date(2026, 1, 1)
    assert help.is_due(None, day)
    assert not help.is_due(day, day + timedelta(days=180))
    assert help.is_due(day, day + timedelta(days=181))


def shown(content: Content) -> articles.Shown:
    return articles.Shown(uuid4(), "event", "day", content, 3, date(2026, 11, 26), date(2026, 11, 26))


def test_a_calendar_reads_what_was_written() -> None:
    event = shown(EVENT)
    text = calendar.write([event], "fr", "https://example.org/")
    read = Calendar.from_ical(text).events[0]
    assert (str(read["uid"]), read["sequence"], read["summary"]) == (str(event.id), 3, "Day at school")
    # Morocco is at UTC+1.
    assert read["dtstart"].dt.isoformat() == "2026-12-04T09:00:00+00:00"
    assert read["dtend"].dt.isoformat() == "2026-12-04T11:30:00+00:00"
    assert read["description"] == EVENT.words["en"].summary
    assert (read["url"], read["location"]) == ("https://example.org/fr/events/day", "Rabat-Salé-Kénitra")
    assert b"DTSTAMP:20261126T000000Z" in text


def test_a_whole_day_ends_where_the_next_begins() -> None:
    content = Content(EVENT.words, first_day=date(2026, 12, 4), last_day=date(2026, 12, 5))
    read = Calendar.from_ical(calendar.write([shown(content)], "en", "https://example.org/")).events[0]
    assert (read["dtstart"].dt, read["dtend"].dt) == (date(2026, 12, 4), date(2026, 12, 6))


def test_long_arabic_lines_are_folded_between_letters() -> None:
    said = "ورشة للأساتذة؛ مع أسئلة، وأجوبة: " * 10
    text = calendar.write([shown(Content({"ar": Words(said.strip(), "a\\b;c,d\ne")}, first_day=date(2026, 12, 4)))], "ar", "https://example.org/")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"\n" not in text.replace(b"\r\n", b"")
    read = Calendar.from_ical(text).events[0]
    assert (read["summary"], read["description"]) == (said.strip(), "a\\b;c,d\ne")
