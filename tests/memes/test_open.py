"""Out in the open: feeds, frames, previews and what search engines read; and that what is taken back is in none of them."""

import json
from urllib.parse import quote
from xml.etree import ElementTree

import feedparser
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from memes import entries, published
from memes.gallery.feeds.documents import ATOM
from memes.gallery.sitemap import views as sitemap
from memes.lifecycle import Action
from memes.models import Entry
from tests import make
from tests.fakes import MemoryStore
from tests.memes.test_search import approved

HOST = "http://localhost"
TRICKY = 'Un <b>mot</b> & "un autre"\n]]> 🦔'


def pictured(session: Session, store: MemoryStore, **changes: object) -> Entry:
    return approved(session, store=store, image=b"clean", kind="meme", text="", caption="قطة", alt="Un chat", **changes)


# --- Feeds


def test_an_atom_feed_is_what_the_rfc_asks_for(client: FlaskClient, session: Session, store: MemoryStore) -> None:
    story, meme = approved(session, text=TRICKY, language="fr"), pictured(session, store, language="ary")
    session.commit()
    answer = client.get("/feed.atom")
    assert answer.mimetype == "application/atom+xml"
    root = ElementTree.fromstring(answer.data)  # noqa: S314 - our own
    must_be_in_a_feed(root, f"{HOST}/feed.atom")
    found = feedparser.parse(answer.data)
    assert not found.bozo
    assert {entry.id for entry in found.entries} == {story.id.urn, meme.id.urn}
    told = next(entry for entry in found.entries if entry.id == story.id.urn)
    assert told.link == f"{HOST}/ar/gallery/{story.id}"
    assert told.content[0].value == '<p>Un &lt;b&gt;mot&lt;/b&gt; &amp; "un autre"<br />]]&gt; 🦔</p>'
    assert f'src="{HOST}/media/{meme.id}/800.jpg" alt="Un chat"' in answer.text.replace("&lt;", "<").replace("&gt;", ">")


def must_be_in_a_feed(root: ElementTree.Element, address: str) -> None:
    """RFC 4287, 4.1: what a feed and an entry must hold, once each, and days without a minute."""
    for element in (root, *root.findall(f"{{{ATOM}}}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{{{ATOM}}}{name}")) == 1
        assert all(moment.text and moment.text.endswith("T00:00:00Z") for moment in element.findall(f"{{{ATOM}}}updated"))
        assert [link.get("rel") for link in element.findall(f"{{{ATOM}}}link")].count("alternate") == 1
    assert root.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name")
    assert root.find(f"{{{ATOM}}}link[@rel='self']").get("href") == address  # type: ignore[union-attr]
    identities = [element.text for element in root.iter(f"{{{ATOM}}}id")]
    assert len(set(identities)) == len(identities)


def test_a_feed_has_one_language_and_one_theme_if_asked(client: FlaskClient, session: Session) -> None:
    arabic, darija = approved(session, language="ar", theme="hate"), approved(session, language="ary")
    french = approved(session, language="fr", theme="hate")
    session.commit()

    def ids(address: str) -> set[str]:
        found = feedparser.parse(client.get(address).data)
        assert not found.bozo
        return {entry.id for entry in found.entries}

    assert ids("/ar/feed.atom") == {arabic.id.urn, darija.id.urn}
    assert ids("/fr/feed.atom") == {french.id.urn}
    assert ids("/ar/feed.atom?theme=hate") == {arabic.id.urn}
    assert ids("/feed.atom?theme=hate") == {arabic.id.urn, french.id.urn}
    assert ids("/en/feed.atom") == set()
    page = client.get("/fr/gallery?theme=hate").text
    for kind in ("atom", "json"):
        assert f'href="/fr/feed.{kind}?theme=hate"' in page


def test_a_json_feed_is_what_its_version_asks_for(client: FlaskClient, session: Session, store: MemoryStore) -> None:
    meme = pictured(session, store, language="fr")
    session.commit()
    answer = client.get("/fr/feed.json")
    assert answer.mimetype == "application/feed+json"
    feed = json.loads(answer.data)
    assert (feed["version"], feed["feed_url"]) == ("https://jsonfeed.org/version/1.1", f"{HOST}/fr/feed.json")
    assert feed["title"]
    [item] = feed["items"]
    assert (item["id"], item["url"]) == (meme.id.urn, f"{HOST}/fr/gallery/{meme.id}")
    assert item["content_html"]
    assert item["date_published"].endswith("T00:00:00Z")
    assert item["image"] == f"{HOST}/media/{meme.id}/800.jpg"


def test_a_feed_is_sent_again_only_when_it_has_changed(client: FlaskClient, session: Session) -> None:
    entry = approved(session, text="une histoire")
    session.commit()
    first = client.get("/feed.atom")
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/feed.atom", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/feed.atom", headers=known | {"Accept-Encoding": "gzip", "Accept-Language": "fr"}).status_code == 304
    entries.transition(session, entry, Action.TAKE_DOWN, actor="m")
    session.commit()
    assert client.get("/feed.atom", headers=known).status_code == 200


def test_what_stands_behind_a_note_is_not_put_before_anybody_elsewhere(client: FlaskClient, session: Session) -> None:
    hard = approved(session, text="des mots difficiles", theme="threats", language="fr")
    session.commit()
    for address in ("/feed.atom", "/fr/feed.json", f"/oembed?url={HOST}/fr/gallery/{hard.id}"):
        answer = client.get(address).text
        assert str(hard.id) in answer
        assert "difficiles" not in answer
    page = client.get(f"/fr/gallery/{hard.id}").text
    assert "difficiles" not in page.partition("</head>")[0]
    assert "<details" in client.get(f"/fr/embed/{hard.id}").text.partition("difficiles")[0]


# --- Frames


def test_oembed_tells_how_to_show_an_entry(client: FlaskClient, session: Session, store: MemoryStore) -> None:
    meme = pictured(session, store, theme="rumours")
    session.commit()
    address = quote(f"{HOST}/fr/gallery/{meme.id}", safe="")
    assert f'href="{HOST}/oembed?url={address.replace("%2F", "/")}"' in client.get(f"/fr/gallery/{meme.id}").text
    told = client.get(f"/oembed?url={address}").json
    assert told is not None
    assert (told["version"], told["type"], told["width"], told["height"]) == ("1.0", "rich", 480, 600)
    assert f'src="{HOST}/fr/embed/{meme.id}"' in told["html"]
    small = client.get(f"/oembed?url={address}&maxwidth=300&maxheight=1").json
    assert small is not None
    assert (small["width"], small["height"]) == (300, 320)
    xml = client.get(f"/oembed?format=xml&url={address}")
    assert xml.mimetype == "text/xml"
    assert ElementTree.fromstring(xml.data).findtext("html") == told["html"]  # noqa: S314 - our own
    assert client.get(f"/oembed?format=yaml&url={address}").status_code == 501


@pytest.mark.parametrize(
    "url", ["", "nothing", f"{HOST}/fr/gallery", f"{HOST}/fr/gallery/{'-' * 36}", "https://elsewhere.example/fr/gallery/{id}",
            f"{HOST}/fr/gallery/00000000-0000-4000-8000-000000000000", "http://[", f"{HOST}/fr/receipt"],
)  # fmt: skip
def test_oembed_knows_nothing_of_other_addresses(client: FlaskClient, session: Session, url: str) -> None:
    entry = approved(session)
    session.commit()
    assert client.get("/oembed", query_string={"url": url.replace("{id}", str(entry.id))}).status_code == 404


def test_a_frame_may_stand_anywhere_runs_nothing_and_tells_nobody_where(client: FlaskClient, session: Session) -> None:
    entry = approved(session, text="une histoire")
    session.commit()
    answer = client.get(f"/fr/embed/{entry.id}")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script" not in policy
    assert "<script" not in answer.text
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    assert answer.text.count("<a ") == answer.text.count('rel="noreferrer"') >= 2
    assert "frame-ancestors 'none'" in client.get(f"/fr/gallery/{entry.id}").headers["Content-Security-Policy"]


# --- Previews, search engines


def test_a_shared_page_has_a_preview_that_goes_with_the_entry(
    client: FlaskClient, session: Session, store: MemoryStore
) -> None:
    meme = pictured(session, store, preview=True)
    story = approved(session, text="Une histoire", language="fr")
    session.commit()
    page = client.get(f"/fr/gallery/{meme.id}").text
    assert f'<meta property="og:image" content="{HOST}/media/{meme.id}/preview.jpg">' in page
    assert f'<link rel="canonical" href="{HOST}/fr/gallery/{meme.id}">' in page
    assert '<meta property="og:description" content="قطة">' in page
    assert client.get(f"/media/{meme.id}/preview.jpg").data == b"clean"
    words = client.get(f"/fr/gallery/{story.id}").text
    assert "preview-story.png" in words
    assert '<meta property="og:description" content="Une histoire">' in words
    entries.withdraw(session, meme, store=store)
    session.commit()
    assert client.get(f"/media/{meme.id}/preview.jpg").status_code == 404


@pytest.mark.parametrize("path", ["/fr/nothing", "/fr/offline", "/fr/gallery?q=mot"])
def test_what_nobody_should_find_says_so_and_has_no_preview(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert '<meta name="robots" content="noindex">' in page
    assert "og:" not in page


def test_where_a_code_is_typed_can_be_found_by_who_lost_the_address_and_what_it_opens_cannot(client: FlaskClient) -> None:
    empty, opened = client.get("/fr/receipt"), client.post("/fr/receipt", data={"receipt": "1"})
    assert "noindex" not in empty.text + client.get("/robots.txt").text
    assert "og:" not in empty.text
    assert "/receipt" not in client.get("/robots.txt").text
    assert '<meta name="robots" content="noindex">' in opened.text
    assert opened.headers["X-Robots-Tag"] == "noindex"


def test_robots_are_led_to_every_public_entry_in_parts_of_bearable_size(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {str(approved(session, text=f"histoire {number}").id) for number in range(8)}
    hidden = make.pending(session)
    session.commit()
    monkeypatch.setattr(sitemap, "WANTED", 5)
    assert f"Sitemap: {HOST}/sitemap.xml" in client.get("/robots.txt").text
    parts = places(client, f"{HOST}/sitemap.xml")
    assert len(parts) == 18
    found = [address for part in parts for address in places(client, part)]
    assert len(found) == len(set(found))
    assert {address.rpartition("/")[2] for address in found if "/gallery/" in address} == shown
    assert str(hidden.id) not in found
    assert {f"{HOST}/fr/news/2021-first-edition", f"{HOST}/ar/resources/something-hurts"} <= set(found)
    for address in found:
        page = client.get(address)
        assert page.status_code == 200
        assert "noindex" not in page.text
        assert f'<link rel="canonical" href="{address}">' in page.text
    assert client.get("/sitemap/entries-xyz.xml").status_code == 404
    assert client.get(f"/sitemap/entries-{'0' * 9}.xml").status_code == 404


@pytest.mark.parametrize(("count", "digits"), [(0, 0), (6_666, 0), (6_667, 1), (1_000_000, 2), (10_000_000, 3)])
def test_parts_are_as_many_as_needed(count: int, digits: int) -> None:
    assert sitemap._digits(count) == digits


def places(client: FlaskClient, address: str) -> list[str]:
    root = ElementTree.fromstring(client.get(address.removeprefix(HOST)).data)  # noqa: S314 - our own
    assert root.tag in (f"{{{sitemap.XMLNS}}}sitemapindex", f"{{{sitemap.XMLNS}}}urlset")
    days = [day.text for day in root.iter(f"{{{sitemap.XMLNS}}}lastmod")]
    assert all(day and len(day) == len("2026-11-26") for day in days)
    return [str(place.text) for place in root.iter(f"{{{sitemap.XMLNS}}}loc")]


def test_what_is_taken_back_is_nowhere(client: FlaskClient, session: Session, store: MemoryStore) -> None:
    meme = pictured(session, store, language="fr")
    session.commit()
    frame = f"/fr/embed/{meme.id}"
    addresses = ("/feed.atom", "/fr/feed.atom", "/fr/feed.json", "/sitemap/entries.xml", "/fr/gallery?q=chat")
    assert all(str(meme.id) in client.get(address).text for address in addresses)
    entries.withdraw(session, meme, store=store)
    session.commit()
    assert not published.published_count(session)
    assert not any(str(meme.id) in client.get(address).text for address in addresses)
    assert client.get(f"/oembed?url={HOST}/fr/gallery/{meme.id}").status_code == 404
    gone = client.get(frame)
    assert gone.status_code == 404
    assert "n'est plus ici" in gone.text
    assert str(meme.id) not in gone.text
