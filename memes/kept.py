"""Whole public pages, kept in the memory of a web process and answered without making them again. Never one that has changed since.

A page is kept with what it was made of: the word for what everybody can see (`public_state`), the settings, and the minute, because
some of what pages say depends on the clock. All three are looked at for each request. The word was read before the page was
made, on the page's own connection, so a page is at least as new as its word; and it is answered only while that very word stands
in the database, in which case nothing that everybody can see was committed in between. Whether it does is asked at most a hundred
times a second, and whoever changed something waits for that with the answer (`lease`). Where the database does not answer, nothing
is taken from here, and what follows is what would follow without.

Only pages named in PAGES, asked for without a cookie and without words of somebody's own (what was searched for is nobody's
business). Nothing that speaks with one child, one teacher or one moderator is ever here.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.http import is_resource_modified

from memes import compression, db, privacy, public_state, web
from memes.bodies import InTurn, Wsgi
from memes.db import Database
from memes.lease import Lease
from memes.running import Running

#: Whose answers hold nothing but what everybody can see, read from tables that are watched (migration 0032). `campaign.home` also
#: says how many days an answer takes at present: that may be a minute old.
PAGES = frozenset({
    "api.entry", "api.gallery", "articles.about", "articles.article", "articles.event_file", "articles.events", "articles.feed",
    "articles.news", "articles.resources", "campaign.help_page", "campaign.home", "campaign.offline", "campaign.privacy",
    "collections.collection", "embed.framed", "feeds.everything", "feeds.in_atom", "feeds.in_json", "figures.solutions",
    "figures.transparency", "gallery.entry", "gallery.index", "lessons.disclosure", "lessons.index", "lessons.lesson",
    "lessons.paper", "posters.index", "schools.entries", "schools.index", "schools.screen", "schools.start", "sitemap.entries",
    "sitemap.index", "sitemap.plain_pages", "sitemap.written",
})  # fmt: skip

#: Bytes of all pages that a process keeps, and of one: some eight hundred pages of the gallery, and no part of a large sitemap.
MOST, LARGEST = 16 * 1024 * 1024, 512 * 1024
#: About what a page's headers and its place take.
_AROUND = 2048
#: What may stand behind the question mark: what is chosen from lists, and places in them. No free words.
_CHOSEN = re.compile(
    "(?:(?:kind|theme|language|age|after|limit|page|for|collection|speed)=[a-z0-9_~-]{0,48}(?:&(?=.)|$))*"
)
#: A request with one of these is not only about the page.
_PERSONAL = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_IF_MATCH", "HTTP_RANGE")
#: What does not go with "you have it already" (RFC 9110, 15.4.5), as Flask's own answer leaves it out.
_OF_THE_BODY = {"allow", "content-encoding", "content-language", "content-length", "content-md5", "content-range", "content-type",
                "last-modified"}  # fmt: skip
#: All other methods may have changed something.
_ONLY_ASKED = ("GET", "HEAD", "OPTIONS")
_PLACE = "instamemes.place"

Headers = list[tuple[str, str]]
#: The word, the minute, the settings.
Stamp = tuple[str, int, Running]
Address = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, whoever asks. `packed`: its body is compressed."""

    stamp: Stamp
    etag: str
    headers: Headers
    body: bytes
    packed: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.body) + _AROUND

    def answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """As the application would answer this request."""
        if "HTTP_IF_NONE_MATCH" in environ and not is_resource_modified(environ, self.etag):
            start_response("304 NOT MODIFIED", [pair for pair in self.headers if pair[0].lower() not in _OF_THE_BODY])
            return []  # the server sends a list as a whole, and all else piece by piece, which costs it more than the page
        if not self.packed:
            body, coding = self.body, []
        elif compression.understands(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body, coding = self.body, [("Content-Encoding", compression.ENCODING)]
        else:
            body, coding = compression.unpacked(self.body), []
        start_response("200 OK", [*self.headers, *coding, ("Content-Length", str(len(body)))])
        return [body]


class Kept:
    """WSGI around Flask. From memory pages come in any number of threads, all else in turn (`bodies`)."""

    def __init__(self, app: Flask, inner: Wsgi, database: Database) -> None:
        self._app, self._inner = app, inner
        self._lease = Lease(database)
        self._in_turn = InTurn(self._look_again)
        self._pages: OrderedDict[Address, Page] = OrderedDict()
        self.size = 0
        self._counted = Counter[str]()
        self._counted_in = 0
        self._alone = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer from memory, or let the page be made. Who has sent something hears the answer once all processes know of it."""
        environ[_PLACE] = _address(environ)
        if page := self._current(environ[_PLACE]):
            return page.answer(environ, start_response)
        answer = self._in_turn(environ, start_response)
        if environ["REQUEST_METHOD"] not in _ONLY_ASKED:
            self._lease.settle()
        return answer

    def _look_again(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """What many ask for at once is made once: whoever waited finds it here."""
        page = self._current(environ[_PLACE])
        return page.answer(environ, start_response) if page else self._inner(environ, start_response)

    def _current(self, address: Address | None) -> Page | None:
        """The page of that address, if it is still as it would be made."""
        page = self._pages.get(address) if address else None
        if address is None or page is None:
            return None
        word = self._lease.word()
        current = word is not None and page.stamp == _stamp(self._app, word)
        with self._alone:
            if self._pages.get(address) is not page:
                pass  # another one stands there meanwhile
            elif current:
                self._pages.move_to_end(address)
            else:
                self._forget(address)
        if not current:
            return None
        self.count("kept")
        return page

    def keep(self, address: Address, page: Page) -> None:
        """Until it has changed, or others are asked for more."""
        if page.size > LARGEST:
            return
        with self._alone:
            self._forget(address)
            self._pages[address] = page
            self.size += page.size
            while self.size > MOST:
                self._forget(next(iter(self._pages)))

    def count(self, how: str) -> None:
        """Remember it, and tell at the first one of another minute: the memory store is not asked for each page."""
        minute, past = _minute(), None
        with self._alone:
            if minute != self._counted_in:
                past, self._counted, self._counted_in = self._counted, Counter(), minute
            self._counted[how] += 1
        for one, times in (past or {}).items():
            self._app.extensions["instamemes"].counts.answered(one, times)

    def _forget(self, address: Address) -> None:
        page = self._pages.pop(address, None)
        self.size -= page.size if page else 0


def init_app(app: Flask, database: Database) -> None:
    """Before all else: what runs after a request runs from the last to the first, and this must see the finished answer."""
    kept = Kept(app, app.wsgi_app, database)
    app.wsgi_app = kept  # type: ignore[method-assign]
    app.extensions["instamemes_kept"] = kept
    app.before_request(_look_at_the_word)
    app.after_request(partial(_keep, kept))


def not_this_one() -> None:
    """What is shown now stands in for something that could not be read."""
    g.stamp = None


def _address(environ: dict[str, Any]) -> Address | None:
    """All that decides about an answer, or None for what is not kept."""
    if environ["REQUEST_METHOD"] != "GET" or any(name in environ for name in _PERSONAL):
        return None
    query = environ.get("QUERY_STRING", "")
    if "HTTP_HOST" not in environ or (query and not _CHOSEN.fullmatch(query)):
        return None
    return environ["wsgi.url_scheme"], environ["HTTP_HOST"], environ.get("SCRIPT_NAME", ""), environ["PATH_INFO"], query


def _stamp(app: Flask, word: str) -> Stamp:
    return word, _minute(), web.running_of(app)


def _minute() -> int:
    return int(privacy.now().timestamp()) // 60


def _look_at_the_word() -> None:
    """Before anything is read: what comes later is at least as new. A copy of the database is read where it is up to date."""
    if request.endpoint not in PAGES:
        return
    copied = public_state.on_a_copy(web.parts().database)
    if copied is not None:
        web.read_in(copied)
    if not request.environ.get(_PLACE):
        return
    try:
        word = public_state.seen(web.session())
    except db.AWAY:
        web.session().rollback()
        return
    g.stamp = _stamp(current_app, word) if word is not None else None


def _keep(kept: Kept, response: Response) -> Response:
    stamp: Stamp | None = g.get("stamp")
    if stamp is not None:
        kept.count("made")
    etag = response.headers.get("ETag", "")
    if stamp is None or not etag or response.status_code not in (200, 304) or response.is_streamed:
        return response
    body, packed = response.get_data(), response.content_encoding == compression.ENCODING
    if not packed and compression.worth_it(response.content_type or "", len(body)):
        body, packed = compression.packed(body), True
    headers = [pair for pair in response.headers if pair[0].lower() not in ("content-length", "content-encoding", "date")]
    kept.keep(request.environ[_PLACE], Page(stamp, etag, headers, body, packed))
    return response
