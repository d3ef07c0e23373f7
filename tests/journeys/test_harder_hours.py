"""What one person does not settle alone: a child who may be in danger, a picture nobody may see, a second pair of eyes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from memes.taxonomy import taxonomy
from tests.journeys.axe import is_clean
from tests.journeys.conftest import SCREENS, OpenWindow
from tests.journeys.furniture import let_wait, send
from tests.journeys.house import House
from tests.journeys.navigator import PHONE, Child, Moderator
from tests.journeys.pictures import phone_photo

OpenDesk = Callable[[str], Moderator]


@pytest.fixture
def at_the_desk(at_the_desk: Callable[..., Moderator], lang: str, screen: dict[str, object]) -> OpenDesk:
    """Makes somebody of a role, signed in, on the screen of this journey."""
    return lambda role: at_the_desk(lang, role, **screen)


@pytest.fixture
def someone(window: OpenWindow, house: House, lang: str) -> Child:
    """Somebody with a phone, on the public pages."""
    return Child(window(lang, **PHONE).new_page(), lang, house, touch=True)


def comes_back(someone: Child, code: str) -> None:
    someone.page.goto(f"/{someone.lang}/")
    someone.opens_receipt(code)


def opens(reader: Moderator, key: str) -> Locator:
    """A part of the page that is folded away."""
    folded = reader.page.locator("summary").filter(has_text=reader.text(key))
    reader.press(folded)
    return folded


def gives(reader: Moderator, reason: str, button: str, told: str) -> None:
    reader.press(reader.page.get_by_role("radio", name=reader.label("decision_reasons", reason)))
    reader.press(reader.button(button))
    reader.is_told(told)


@SCREENS
def test_a_child_in_danger_is_talked_with_and_a_picture_that_may_be_illegal_is_sealed(
    at_the_desk: OpenDesk, someone: Child, house: House, lang: str
) -> None:
    story = f"Somebody waits for me ({lang}, {id(someone)})."
    code, entry_id = send(house, story, language=lang)
    reader, lead = at_the_desk("moderator"), at_the_desk("safeguarding")
    entry = f"/desk/entries/{entry_id}"
    reader.page.goto(entry)
    reader.press(reader.button("desk.escalate.button"))
    reader.is_told("desk.done.escalate")
    refused = reader.page.goto(entry)
    assert (refused.status if refused else 0, story in reader.page.content()) == (403, False)

    lead.page.goto("/desk/escalated")
    lead.press(lead.waiting(story))
    lead.sees("desk.care.silent")
    step = next(iter(taxonomy().steps.values())).label[lang]
    lead.press(lead.page.get_by_role("button", name=f"{lead.text('desk.care.done')}: {step}"))
    lead.is_told("desk.done.step")
    expect(lead.page.get_by_role("button", name=f"{lead.text('desk.care.done')}: {step}")).to_have_count(0)
    opens(lead, "desk.care.ready")
    reply = next(iter(taxonomy().replies.values()))
    lead.press(lead.page.get_by_role("radio", name=reply.label[lang]))
    is_clean(lead.page)
    lead.press(lead.button("desk.care.send"))
    lead.is_told("desk.done.message")

    comes_back(someone, code)
    expect(someone.page.locator("#messages")).to_contain_text(reply.description[lang])
    someone.page.get_by_label(someone.text("messages.label")).fill("هو من العائلة / c'est un cousin")
    someone.press(someone.button("messages.send"))
    someone.sees("messages.sent")
    is_clean(someone.page)

    lead.page.goto("/desk/safeguarding")
    is_clean(lead.page)
    lead.press(lead.page.locator(f"main a[href='{entry}#care']"))
    expect(lead.page.locator("#care")).to_contain_text("c'est un cousin")
    lead.press(lead.button("desk.care.read"))
    lead.is_told("desk.done.read")
    lead.press(lead.button("desk.answer.support"))
    lead.is_told("desk.done.support")
    comes_back(someone, code)
    someone.sees_title("status.support.title")
    expect(someone.page.locator("#messages")).to_contain_text("c'est un cousin")

    (picture_id,) = let_wait(house, "", kind="meme", picture=phone_photo(), caption="Never again.", alt="x")
    picture = f"/desk/entries/{picture_id}"
    reader.page.goto(picture)
    opens(reader, "desk.seal.title")
    reader.press(reader.link("desk.sealed.procedure"))
    reader.sees_title("desk.procedure.title")
    is_clean(reader.page)
    reader.page.goto(picture)
    opens(reader, "desk.seal.title")
    reader.press(reader.button("desk.seal.button"))
    sure = reader.page.get_by_role("checkbox", name=reader.text("desk.seal.sure"))
    expect(sure).to_be_focused()  # the browser asks for the second step
    sure.check()
    is_clean(reader.page)
    reader.press(reader.button("desk.seal.button"))
    reader.is_told("desk.done.seal")
    refused = reader.page.goto(picture)
    assert refused is not None
    assert refused.status == 403
    lead.page.goto("/desk/safeguarding")
    lead.press(lead.page.locator(f"main a[href='{picture}']"))
    lead.sees("desk.sealed.body")
    expect(lead.page.locator("main img")).to_have_count(0)
    expect(lead.page.locator(".digest").first).to_contain_text("SHA-256")
    is_clean(lead.page)


@SCREENS
def test_two_people_a_report_and_an_appeal_are_each_read_by_somebody_else(
    at_the_desk: OpenDesk, someone: Child, house: House, lang: str
) -> None:
    told, refused = f"They wrote to me ({lang}, {id(someone)}).", f"Refused at first ({lang}, {id(someone)})."
    _code, entry_id = send(house, told, language=lang, theme="threats")
    first, second = at_the_desk("moderator"), at_the_desk("moderator")
    entry, public = f"/desk/entries/{entry_id}", f"/{lang}/gallery/{entry_id}"
    first.page.goto(entry)
    first.sees("desk.second.theme")
    first.press(first.button("desk.second.button"))
    first.is_told("desk.done.endorse")
    first.page.goto(entry)
    first.sees("desk.review.answered")
    expect(first.page.get_by_role("heading", name=first.text("desk.approve.title"))).to_have_count(0)
    second.page.goto("/desk/?lane=second")
    second.opens(told)
    is_clean(second.page)
    second.press(second.button("desk.approve.button"))
    second.is_told("desk.done.approve")

    for reader in (second, first):
        someone.page.goto(public)
        someone.press(someone.page.locator("summary").filter(has_text=someone.text("gallery.report")))
        someone.press(someone.page.locator("form[action$='/report'] [type=radio]").first)
        someone.press(someone.button("gallery.report_send"))
        someone.sees("gallery.report_thanks")
        reader.page.goto("/desk/?lane=reported")
        is_clean(reader.page)
        reader.press(reader.waiting(told))
        reader.sees("desk.keep.title")
        if reader is second:
            is_clean(reader.page)
            reader.press(reader.button("desk.keep.button"))
            reader.is_told("desk.done.keep")
    gives(first, "real_name", "desk.answer.take_down", "desk.done.take_down")
    gone = someone.page.goto(public)
    assert gone is not None
    assert gone.status in (404, 410)

    code, appeal_id = send(house, refused, language=lang)
    first.page.goto(f"/desk/entries/{appeal_id}")
    gives(first, "off_topic", "desk.answer.decline", "desk.done.decline")
    comes_back(someone, code)
    someone.press(someone.button("status.rejected.disagree"))
    someone.sees_title("status.waiting.title")
    first.page.goto(f"/desk/entries/{appeal_id}")
    first.sees("desk.review.answered")
    expect(first.button("desk.answer.decline")).to_have_count(0)
    second.page.goto("/desk/?lane=appeals")
    second.opens(refused)
    second.sees("desk.review.second")
    is_clean(second.page)
    gives(second, "off_topic", "desk.answer.decline", "desk.done.decline")
    comes_back(someone, code)
    someone.sees_title("status.rejected.title")
    expect(someone.button("status.rejected.disagree")).to_have_count(0)
