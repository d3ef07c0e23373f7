"""Events as an iCalendar file (RFC 5545), for the calendar on a phone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from memes.article_pages import ZONE
from memes.articles import Content, Shown
from memes.taxonomy import taxonomy


def write(events: Sequence[Shown], lang: str, site: str) -> bytes:
    """The events in `lang`, or in the language that they are in. `site` is our own address with its last slash.

    Nothing in it depends on when it is asked for: an event is stamped with the day on which its version was saved.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Insta-memes//events//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Insta-memes")
    for shown in events:
        if shown.content.first_day is not None:
            calendar.add_component(_event(shown, shown.content.first_day, lang, site))
    if not calendar.subcomponents:
        calendar.add_component(_clock())
    return bytes(calendar.to_ical())


def _clock() -> Timezone:
    """The clock that moments are told in: a calendar without events may not be empty (RFC 5545, 3.6)."""
    clock, always = Timezone(), TimezoneStandard()
    clock.add("tzid", "UTC")
    always.add("dtstart", datetime(1970, 1, 1))
    always.add("tzoffsetfrom", timedelta())
    always.add("tzoffsetto", timedelta())
    clock.add_component(always)
    return clock


def _event(shown: Shown, first_day: date, lang: str, site: str) -> Event:
    content, event = shown.content, Event()
    said = content.words[content.spoken(lang)]
    begins, ends = _span(content, first_day)
    event.add("uid", str(shown.id))
    event.add("dtstamp", datetime.combine(shown.day, time(), UTC))
    event.add("sequence", shown.number)
    event.add("dtstart", begins)
    if ends is not None:
        event.add("dtend", ends)
    event.add("summary", said.title)
    event.add("description", said.summary)
    event.add("url", f"{site}{lang}/events/{shown.slug}")
    if content.region:
        event.add("location", taxonomy().regions[content.region].label[lang])
    return event


def _span(content: Content, first_day: date) -> tuple[date, date | None]:
    """From when until when: whole days (the end is the day after), or moments in UTC, which every calendar understands."""
    last_day = content.last_day or first_day
    if content.begins_at is None or (content.ends_at is None and last_day != first_day):
        return first_day, last_day + timedelta(days=1)
    begins = datetime.combine(first_day, content.begins_at, ZONE).astimezone(UTC)
    ends = datetime.combine(last_day, content.ends_at, ZONE).astimezone(UTC) if content.ends_at else None
    return begins, ends
