"""Sending and coming back, through the pages."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from memes import entries, sending
from memes import help as help_directory
from memes.db import Database
from memes.intake import views
from memes.lifecycle import Action, State
from memes.models import Entry
from tests import make
from tests.fakes import MemoryStore, RecordingQueue

#: The smallest JPEG that has a size, a scan and an end; nobody decodes it here.
PICTURE = bytes.fromhex("ffd8ffc0000b080010001001011100ffda0008010100003f00") + b"\x00" * 32 + b"\xff\xd9"


def fields(**changes: Any) -> dict[str, Any]:
    return {"theme": "rumours", "text": "قصة قصيرة", "language": "ar", "consent_gallery": "y"} | changes


def multipart(data: dict[str, Any], image: bytes) -> dict[str, Any]:
    """A body with a file called like a pupil, as bytes (the client's own encoder would leave a temporary file open)."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in data.items()]
    head = '--x\r\nContent-Disposition: form-data; name="image"; filename="ahmed_6A.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + image + b"\r\n--x--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


def receipt_in(page: str) -> str:
    found = re.search(r"\b(\d{4})\D{1,60}?(\d{4})\D{1,60}?(\d{4})\D{1,60}?(\d{4})\b", page)
    assert found, page
    return "".join(found.groups())


def only_entry(database: Database) -> Entry:
    with database.reads() as session:
        return session.scalars(select(Entry)).one()


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
@pytest.mark.parametrize("kind", ["meme", "story", "solution"])
def test_the_share_pages_answer_in_three_languages_without_a_cookie(client: FlaskClient, lang: str, kind: str) -> None:
    answer = client.get(f"/{lang}/share/{kind}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert f'lang="{lang}"' in answer.text
    assert f'dir="{"rtl" if lang == "ar" else "ltr"}"' in answer.text


def test_a_story_is_kept_and_its_receipt_opens_it(
    client: FlaskClient, database: Database, queue: RecordingQueue
) -> None:
    page = client.post("/ar/share/story", data=fields(age="9-11", region="na")).text
    entry = only_entry(database)
    assert (entry.kind, entry.text, entry.theme, entry.age, entry.region) == (
        "story",
        "قصة قصيرة",
        "rumours",
        "9-11",
        None,
    )
    assert (entry.consent_gallery, entry.consent_schools, entry.consent_print) == (True, False, False)
    assert queue.asked == [entry.id]
    answer = client.post("/ar/receipt", data={"receipt": receipt_in(page)})
    assert answer.status_code == 200
    assert "وصلت مشاركتك" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_the_page_warns_once_of_what_could_tell_who_somebody_is(client: FlaskClient, database: Database, lang: str) -> None:
    asked = client.post(f"/{lang}/share/story", data=fields(text="عيط ليا 0612345678", alt="Lycée Moulay Youssef"))
    assert asked.status_code == 422
    assert len(re.findall(r'data-kinds="(?:phone|school place)">', asked.text.split("</template>", 1)[1])) == 2
    assert "عيط ليا 0612345678</textarea>" in asked.text
    assert '<q dir="auto">0612345678</q>' in asked.text
    assert re.search(r'<input checked id="consent_gallery"', asked.text)
    with database.reads() as session:
        assert not session.scalars(select(Entry)).all()
    assert 'name="told" value="yes"' in asked.text
    sent = client.post(f"/{lang}/share/story", data=fields(text="عيط ليا 0612345678", told="yes"))
    assert sent.status_code == 200
    assert only_entry(database).signals == ["phone"]


def test_a_cry_for_help_is_never_held_up_and_help_stands_on_the_next_page(client: FlaskClient, database: Database) -> None:
    page = client.post("/ar/share/story", data=fields(text="أريد أن أموت"))
    assert page.status_code == 200
    assert receipt_in(page.text)
    assert "المساعدة موجودة الآن" in page.text.split('id="code"')[0]
    assert "المساعدة موجودة الآن" not in client.post("/ar/share/story", data=fields()).text.split('id="code"')[0]


def test_a_nickname_from_the_list_is_shown_and_a_mood_is_not(client: FlaskClient, database: Database) -> None:
    assert client.post("/en/share/story", data=fields(nickname="Ahmed 6A")).status_code == 422
    assert client.post("/en/share/story", data=fields(mood="hungry")).status_code == 422
    code = sent(client, mood="hopeful", nickname="stork")
    move(database, Action.SETTLE, Action.APPROVE)
    entry = only_entry(database)
    assert (entry.mood, entry.nickname) == ("hopeful", "stork")
    page, item = client.get(f"/ar/gallery/{entry.id}").text, client.get(f"/api/v1/gallery/{entry.id}")
    assert "لقلق" in page
    assert item.json["nickname"] == "stork"
    assert "hopeful" not in item.text
    client.post("/en/receipt/withdraw", data={"receipt": code, "confirm": "yes"})
    assert (only_entry(database).mood, only_entry(database).nickname) == (None, None)


def test_a_meme_needs_its_picture_and_keeps_every_word_that_was_typed(client: FlaskClient) -> None:
    answer = client.post("/fr/share/meme", data=fields(text="", caption="une rumeur court", theme="nonsense"))
    assert answer.status_code == 422
    assert "Il manque l&#39;image" in answer.text or "Il manque l'image" in answer.text
    assert "une rumeur court" in answer.text
    assert "thème" in answer.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "still missing"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot open this file"),
        (PICTURE[:40], "damaged or not complete"),
        (PICTURE.replace(bytes.fromhex("080010001001"), bytes.fromhex("08ffffffff01")), "too many pixels"),
        (PICTURE + b"\x00" * (15 * 1024 * 1024), "too large"),
    ],
    ids=["empty", "svg", "damaged", "bomb", "too big"],
)
def test_a_bad_picture_gets_a_sentence_and_nothing_is_kept(
    client: FlaskClient, database: Database, store: MemoryStore, data: bytes, words: str
) -> None:
    answer = client.post("/en/share/meme", **multipart(fields(caption="my words"), data))
    assert answer.status_code == 422
    assert words in answer.text
    assert "my words" in answer.text
    assert "ahmed" not in answer.text
    assert store.objects == {}
    with database.reads() as session:
        assert session.scalars(select(Entry)).all() == []


def test_a_body_beyond_all_bounds_is_refused_kindly(client: FlaskClient) -> None:
    answer = client.post("/en/share/meme", **multipart(fields(), b"\xff" * (65 * 1024 * 1024)))
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_too_long_and_empty_texts_are_said_beside_the_field(client: FlaskClient) -> None:
    assert "Nothing" not in client.post("/en/share/story", data=fields(text="")).text
    assert client.post("/en/share/story", data=fields(text="")).status_code == 422
    answer = client.post("/en/share/story", data=fields(text="x" * 2001))
    assert answer.status_code == 422
    assert "The limit is 2000 characters" in answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_script_a_form_shown_again_can_be_sent_twice_and_the_empty_one_is_the_same_for_everybody(
    client: FlaskClient, database: Database
) -> None:
    empty = re.compile(r'name="key" id="key" value=""')
    assert empty.search(client.get("/en/share/story").text)
    first, second = (client.post("/en/share/story", data=fields(theme="")).text for _child in range(2))
    keys = [re.findall(r'name="key" id="key" value="([0-9a-f]{32})"', page) for page in (first, second)]
    assert keys[0] != keys[1]
    again = [receipt_in(client.post("/en/share/story", data=fields(key=keys[0][0])).text) for _press in range(2)]
    assert again[0] == again[1]
    other = receipt_in(client.post("/en/share/story", data=fields(key=keys[1][0])).text)
    assert other != again[0], "the same words of two children are two entries"
    with database.reads() as session:
        assert len(session.scalars(select(Entry)).all()) == 2


def test_the_same_key_and_content_are_one_entry_and_one_receipt(client: FlaskClient, database: Database) -> None:
    pages = [client.post("/ar/share/story", data=fields(key="ab" * 16)).text for _ in range(3)]
    assert len({receipt_in(page) for page in pages}) == 1
    only_entry(database)
    other = client.post("/ar/share/story", data=fields(key="ab" * 16, text="قصة أخرى")).text
    assert receipt_in(other) != receipt_in(pages[0])
    codes = [receipt_in(client.post("/ar/share/meme", **multipart(fields(key="ab" * 16), picture)).text)
             for picture in (PICTURE, PICTURE, PICTURE + b"\0")]  # fmt: skip
    assert codes[0] == codes[1] != codes[2]


def test_while_the_page_of_a_receipt_is_drawn_others_can_write(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors, written = help_directory.doors, []

    def writing_meanwhile(session: Session) -> Any:
        found = doors(session)
        with database.writing() as other:  # SQLite lets one write at a time
            written.append(other.execute(update(Entry).values(mood="calm")).rowcount)  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(help_directory, "doors", writing_meanwhile)
    assert client.post("/ar/share/story", data=fields()).status_code == 200
    assert written == [1]


def test_the_field_that_nobody_sees_swallows_what_programs_send(client: FlaskClient, database: Database) -> None:
    assert client.post("/ar/share/story", data=fields(website="http://spam.example")).status_code == 200
    with database.reads() as session:
        assert session.scalars(select(Entry)).all() == []


def test_another_site_cannot_make_a_child_speak(client: FlaskClient) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post("/ar/share/story", data=fields(), headers=headers).status_code == 403
    same = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    assert client.post("/ar/share/story", data=fields(), headers=same).status_code == 200


def test_when_the_database_is_away_the_words_stay_in_the_page(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_kwargs: object) -> str:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(sending, "send", away)
    answer = client.post("/en/share/story", data=fields(text="what happened to me", key="ab" * 16))
    assert answer.status_code == 503
    assert "what happened to me" in answer.text
    assert f'value="{"ab" * 16}"' in answer.text, "it may have been kept after all: the next try must be known as the same"
    assert "on our side, not yours" in answer.text


def sent(client: FlaskClient, **changes: Any) -> str:
    return receipt_in(client.post("/en/share/story", data=fields(**changes)).text)


def move(database: Database, *actions: Action, reason: str | None = None, note: str = "") -> None:
    with database.writing() as session:
        entry = session.scalars(select(Entry)).one()
        for action in actions:
            entries.transition(session, entry, action, actor="m", reason=reason, note=note)


@pytest.mark.parametrize(
    ("actions", "reason", "words"),
    [
        ((Action.SETTLE,), None, "Your creation is waiting"),
        ((Action.SETTLE, Action.APPROVE), None, "Your creation is published!"),
        ((Action.SETTLE, Action.ASK_CHANGES), "real_name", "One small step to go"),
        ((Action.SETTLE, Action.DECLINE), "off_topic", "We did not publish it this time"),
        ((Action.SETTLE, Action.DECLINE), "danger_support", "Your safety comes first"),
        ((Action.SETTLE, Action.ESCALATE), None, "The team is reading it"),
        ((Action.SETTLE, Action.ESCALATE, Action.SUPPORT), "danger_support", "Your safety comes first"),
        ((Action.SETTLE, Action.SEAL), None, "Your creation is waiting"),
        ((Action.SETTLE, Action.APPROVE, Action.TAKE_DOWN), "face", "no longer on the site"),
        ((Action.SPOIL,), "unreadable", "We could not open the picture"),
        ((Action.WITHDRAW,), None, "has been taken down"),
    ],
)
def test_the_receipt_page_says_each_state_kindly(
    client: FlaskClient, database: Database, actions: tuple[Action, ...], reason: str | None, words: str
) -> None:
    code = sent(client)
    move(database, *actions, reason=reason)
    answer = client.post("/en/receipt", data={"receipt": code})
    assert answer.status_code == 200
    assert words in answer.text
    assert "<title>Insta-memes</title>" in answer.text


def test_a_decline_teaches_with_reason_and_tip(client: FlaskClient, database: Database) -> None:
    code = sent(client)
    move(database, Action.SETTLE, Action.DECLINE, reason="other", note="Please tell us more.")
    page = client.post("/en/receipt", data={"receipt": code}).text
    assert "Here is a note from the team: Please tell us more." in page
    assert "You can send a new one whenever you like." in page


def test_withdrawing_asks_once_and_then_takes_it_down(client: FlaskClient, database: Database) -> None:
    code = sent(client)
    move(database, Action.SETTLE, Action.APPROVE)
    entry = only_entry(database)
    assert client.get(f"/en/gallery/{entry.id}").status_code == 200
    assert "Take it down?" in client.post("/en/receipt/withdraw", data={"receipt": code}).text
    assert only_entry(database).state is State.APPROVED
    page = client.post("/en/receipt/withdraw", data={"receipt": code, "confirm": "yes"}).text
    assert "has been taken down" in page
    assert client.get(f"/en/gallery/{entry.id}").status_code == 404
    assert client.get(f"/api/v1/gallery/{entry.id}").status_code == 404


def test_each_consent_can_be_taken_back_and_given_again(client: FlaskClient, database: Database) -> None:
    code = sent(client, consent_schools="y", consent_print="y")
    move(database, Action.SETTLE, Action.APPROVE)
    entry = only_entry(database)
    page = client.post("/en/receipt", data={"receipt": code}).text
    assert len(re.findall(r'<input[^>]*name="consent_\w+"[^>]*checked|<input checked[^>]*name="consent_', page)) == 3
    assert "Printed copies cannot be taken back" in page

    answer = client.post("/en/receipt/consents", data={"receipt": code, "consent_schools": "y"})
    assert "Your choices are saved" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    for path in (f"/en/gallery/{entry.id}", f"/api/v1/gallery/{entry.id}"):
        assert client.get(path).status_code == 404, "gone at once"
    assert client.get("/api/v1/gallery").json == {"items": [], "next": None}
    kept = only_entry(database)
    assert (kept.state, kept.consent_gallery, kept.consent_schools, kept.consent_print) == (
        State.APPROVED, False, True, False,
    )  # fmt: skip

    client.post("/en/receipt/consents", data={"receipt": code, "consent_gallery": "y"})
    assert only_entry(database).state is State.PENDING, "whoever approved it knew that nobody would see it"
    assert client.get(f"/en/gallery/{entry.id}").status_code == 404
    move(database, Action.APPROVE)
    assert client.get(f"/en/gallery/{entry.id}").status_code == 200


def test_a_choice_keeps_what_the_team_has_said(client: FlaskClient, database: Database) -> None:
    code = sent(client)
    move(database, Action.SETTLE, Action.DECLINE, reason="other", note="Please tell us more.")
    page = client.post("/en/receipt/consents", data={"receipt": code}).text
    assert "Please tell us more." in page
    version = only_entry(database).version
    client.post("/en/receipt/consents", data={"receipt": code})
    assert only_entry(database).version == version, "nothing was changed"
    move(database, Action.WITHDRAW)
    assert client.post("/en/receipt/consents", data={"receipt": code, "consent_gallery": "y"}).status_code == 409


def test_a_change_asked_for_is_made_under_the_same_receipt(client: FlaskClient, database: Database) -> None:
    code = sent(client, text="Sara told everyone", told="yes")
    move(database, Action.SETTLE, Action.ASK_CHANGES, reason="real_name")
    form = client.post("/en/receipt/change", data={"receipt": code})
    assert "Sara told everyone" in form.text
    assert "we keep the one you sent" not in form.text, "there was no picture"
    again = client.post("/en/receipt/change", data=fields(text="Sara told us", receipt=code, step="send"))
    assert again.status_code == 422
    assert '<q dir="auto">Sara</q>' in again.text
    changed = fields(text="A classmate told everyone", receipt=code, step="send")
    assert client.post("/en/receipt/change", data=changed).status_code == 200
    entry = only_entry(database)
    assert (entry.state, entry.text) == (State.RECEIVED, "A classmate told everyone")


def test_a_second_reading_is_asked_for_once(client: FlaskClient, database: Database) -> None:
    code = sent(client)
    move(database, Action.SETTLE, Action.DECLINE, reason="off_topic")
    assert client.post("/en/receipt/appeal", data={"receipt": code}).status_code == 200
    assert only_entry(database).state is State.PENDING
    move(database, Action.DECLINE, reason="off_topic")
    assert client.post("/en/receipt/appeal", data={"receipt": code}).status_code == 409


def test_a_wrong_code_is_said_kindly_and_many_are_slowed_down(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "WRONG_CODES", 3)
    answer = client.post("/en/receipt", data={"receipt": "1234 5678 1234 5678"})
    assert answer.status_code == 404
    assert "We cannot find this code" in answer.text
    short = client.post("/en/receipt", data={"receipt": "1234 5678"})
    assert short.status_code == 422
    assert "Here there are 8." in short.text
    wrong = {"receipt": "8765 4321 8765 4321"}
    for _ in range(3):
        client.post("/en/receipt", data=wrong)
    assert client.post("/en/receipt", data=wrong).status_code == 429
    elsewhere = {"REMOTE_ADDR": "196.200.131.7"}
    assert client.post("/en/receipt", data=wrong, environ_overrides=elsewhere).status_code == 404


def test_a_picture_is_put_into_the_private_store_only(
    client: FlaskClient, database: Database, store: MemoryStore
) -> None:
    assert client.post("/ar/share/meme", **multipart(fields(text=""), PICTURE)).status_code == 200
    entry = only_entry(database)
    assert make.opened(store, entry) == {entry.source: PICTURE}
    assert entry.source.startswith(f"private/{entry.id}/")


def test_the_thank_you_page_has_the_code_in_four_groups_and_in_a_qr(client: FlaskClient) -> None:
    answer = client.post("/ar/share/story", data=fields())
    assert answer.headers["Cache-Control"] == "no-store"
    groups = [receipt_in(answer.text)[start : start + 4] for start in (0, 4, 8, 12)]
    assert all(f">{group}<" in answer.text for group in groups)
    assert "<svg" in answer.text
    assert "<title>Insta-memes</title>" in answer.text
