"""The campaign's pages, as a visitor asks for them."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from memes import article_pages, running, writing
from memes.articles import Content, Words, shipped
from memes.db import Database

# What is asked of the database stands in test_articles.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Publish = Callable[..., str]
FRENCH = {"fr": Words("Un atelier", "Pour les enseignants.", "# Programme\n\n<script>x</script>")}


@pytest.fixture
def publish(database: Database) -> Publish:
    """Make an article public; its name."""

    def done(kind: str, content: Content) -> str:
        with database.writing() as session:
            article = writing.create(session, kind, content, editor="ed")
            writing.publish(session, article)
            return article.slug

    return done


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_what_comes_with_the_program_is_there_before_anybody_has_written(client: FlaskClient, lang: str) -> None:
    news = client.get(f"/{lang}/news").text
    for one in shipped("news"):
        assert one.content.words[lang].title in news
        assert f'href="/{lang}/news/{one.slug}"' in news
        page = client.get(f"/{lang}/news/{one.slug}")
        assert one.content.words[lang].title in page.text
        assert "notice--care" not in page.text.partition('id="help"')[0]
    assert "CMRPI" in client.get(f"/{lang}/about").text
    assert shipped("resource")[0].content.words[lang].title in client.get(f"/{lang}/resources").text


def test_a_page_in_another_language_says_so_kindly_and_offers_what_there_is(client: FlaskClient, publish: Publish) -> None:
    slug = publish("news", Content(FRENCH))
    page = client.get(f"/ar/news/{slug}").text
    assert "هذه الصفحة ليست متوفرة بالعربية بعد" in page
    assert f'<a class="chip" href="/fr/news/{slug}" lang="fr" hreflang="fr">Français</a>' in page
    assert '<h1 lang="fr" dir="ltr">Un atelier</h1>' in page
    assert "<h2>Programme</h2>" in page
    assert "<script>x" not in page
    listed = client.get("/ar/news").text
    assert f'<a href="/ar/news/{slug}" lang="fr" dir="ltr">Un atelier</a>' in listed
    arabic_first = publish("news", Content(FRENCH | {"ar": Words("ورشة", "", "مرحبا")}))
    assert '<h1 lang="ar" dir="rtl">ورشة</h1>' in client.get(f"/en/news/{arabic_first}").text


def test_a_language_that_is_turned_off_is_not_offered(client: FlaskClient, database: Database, publish: Publish) -> None:
    slug = publish("news", Content(FRENCH | {"en": Words("A workshop", "", "Welcome.")}))
    with database.writing() as session:
        running.change(session, "languages", ["ar", "en"], seen=0)
    page = client.get(f"/ar/news/{slug}").text.partition('id="help"')[0]
    assert f'<a class="chip" href="/en/news/{slug}"' in page
    assert f'<a class="chip" href="/fr/news/{slug}"' not in page


def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    for path in ("news/nothing", "events/nothing", "events/nothing.ics", "resources/nothing", "events/something-hurts"):
        assert client.get(f"/fr/{path}").status_code == 404


def test_an_event_is_listed_until_it_is_over_and_goes_into_a_calendar(client: FlaskClient, publish: Publish) -> None:
    today = article_pages.today()
    coming, over = (
        publish("event", Content({"en": Words(title)}, form="workshop", audiences=("teachers",), region="MA-04",
                                 first_day=today + timedelta(days=days), begins_at=time(10)))
        for title, days in (("A coming one", 3), ("A past one", -3))
    )  # fmt: skip
    page = client.get("/en/events").text
    assert page.index("A coming one") < page.index("events.ics") < page.index("Past dates") < page.index("A past one")
    news = client.get("/en/news").text
    assert "A coming one" in news
    assert "A past one" not in news
    one = client.get(f"/en/events/{coming}").text
    assert all(said in one for said in ("10:00", "Rabat-Sale-Kenitra", "Workshop", f"/en/events/{coming}.ics"))
    assert ".ics" not in client.get(f"/en/events/{over}").text.partition('id="help"')[0]
    answer = client.get("/en/events.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert [str(event["summary"]) for event in Calendar.from_ical(answer.data).events] == ["A past one", "A coming one"]
    assert len(Calendar.from_ical(client.get(f"/en/events/{coming}.ics").data).events) == 1


def test_resources_are_found_by_whom_they_are_for(client: FlaskClient) -> None:
    children, adults = shipped("resource")
    for audience, there, not_there in (("children", children, adults), ("teachers", adults, children)):
        page = client.get(f"/fr/resources?for={audience}").text
        assert f"/fr/resources/{there.slug}" in page
        assert f"/fr/resources/{not_there.slug}" not in page
    assert "Il n&#39;y a encore rien" in client.get("/fr/resources?for=nobody").text.replace("'", "&#39;")


def test_a_long_list_of_news_has_pages(client: FlaskClient, publish: Publish) -> None:
    for number in range(21):
        publish("news", Content({"fr": Words(f"Nouvelle {number}", "", "Texte.")}))
    first, second = client.get("/fr/news").text, client.get("/fr/news?page=2").text
    assert (first.count('class="notes__one"'), second.count('class="notes__one"')) == (20, 1 + len(shipped("news")))
    assert "/fr/news?page=2" in first
    assert client.get("/fr/news?page=-4").status_code == client.get("/fr/news?page=x").status_code == 200


def test_home_names_the_newest_news_and_the_next_event_quietly(client: FlaskClient, publish: Publish) -> None:
    assert 'id="campaign-now"' not in client.get("/fr/").text
    publish("news", Content(FRENCH))
    publish("event", Content({"fr": Words("Une journée")}, first_day=article_pages.today()))
    publish("event", Content({"fr": Words("Passée")}, first_day=date(2020, 1, 1)))
    page = client.get("/fr/").text
    quiet = page[page.index('id="campaign-now"') :]
    assert all(said in quiet for said in ("Un atelier", "Une journée"))
    assert "Passée" not in page


def test_the_footer_leads_to_the_campaign(client: FlaskClient) -> None:
    footer = client.get("/ar/").text.rpartition("<footer")[2]
    assert all(f'href="/ar/{page}"' in footer for page in ("news", "resources", "about", "help"))
