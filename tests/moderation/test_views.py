import re
from uuid import UUID, uuid4

import pytest
from flask import Flask

from memes import entries, privacy
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry
from moderation import accounts, claims, desk, door, words, workplace
from moderation.models import Moderator
from moderation.roles import Role
from moderation.signin import views as signin
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from tests.moderation.conftest import SignIn
from tests.moderation.people import PASSWORD, Browser, code, in_state, moderator, token
from tests.moderation.test_matrix import addresses

SECRET_WORDS = "personne ne doit lire cela"


def an_entry(database: Database, state: State = State.PENDING, **changes: object) -> Entry:
    with database.writing() as session:
        return in_state(session, state, **({"text": SECRET_WORDS} | changes))


def now_of(database: Database, entry_id: UUID) -> Entry:
    with database.reads() as session:
        return session.get_one(Entry, entry_id)


# --- The door --------------------------------------------------------------------------------------------------------


def test_signing_in_takes_both_steps(app: Flask, database: Database) -> None:
    with database.writing() as session:
        who = moderator(session)
    browser = Browser(app)
    first = browser.send("/desk/sign-in", "/desk/sign-in", email=who.email.upper(), password=PASSWORD)
    assert first.headers["Location"] == "/desk/sign-in/code"
    assert browser.get("/desk/").status_code == 303, "the password alone opens nothing"
    second = browser.send("/desk/sign-in/code", "/desk/sign-in/code", code=code(who))
    assert second.headers["Location"] == "/desk/"
    assert who.email in browser.get("/desk/").text


def test_the_second_step_cannot_be_taken_first_or_late(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        who = moderator(session)
    browser = Browser(app)
    assert browser.get("/desk/sign-in/code").headers["Location"] == "/desk/sign-in"
    browser.send("/desk/sign-in", "/desk/sign-in", email=who.email, password=PASSWORD)
    later = door.clock() + signin.BETWEEN_STEPS + 1
    monkeypatch.setattr(door, "clock", lambda: later)
    assert browser.get("/desk/sign-in/code").headers["Location"] == "/desk/sign-in"


def test_known_and_unknown_addresses_get_the_same_page(app: Flask, database: Database) -> None:
    with database.writing() as session:
        who = moderator(session)
    pages = []
    for email in (who.email, "nobody@example.org"):
        browser = Browser(app)
        told = [browser.send("/desk/sign-in", "/desk/sign-in", email=email, password="wrong") for _ in range(7)]
        pages.append([re.sub(r'value="[^"]*"', "", answer.text) for answer in told])
        assert {answer.status_code for answer in told} == {422}
    assert pages[0] == pages[1]
    assert pages[0][0] != pages[0][6], "the wait is told"


def test_a_session_starts_anew_with_signing_in(app: Flask, database: Database) -> None:
    with database.writing() as session:
        who = moderator(session)
    browser = Browser(app)
    browser.get("/desk/sign-in")
    with browser.client.session_transaction(path="/desk/") as state:
        before = state["csrf_token"]
        state["planted"] = "by somebody else"
    browser.sign_in(who, database)
    browser.get("/desk/")
    with browser.client.session_transaction(path="/desk/") as state:
        assert state["csrf_token"] != before
        assert "planted" not in state
        assert "candidate" not in state
        assert "_id" not in state


def test_the_cookie_is_kept_from_scripts_and_other_sites(app: Flask) -> None:
    cookie = Browser(app).get("/desk/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie


@pytest.mark.parametrize(("rest", "ends"), [(door.IDLE - 60, False), (door.IDLE + 1, True)])
def test_a_session_ends_after_half_an_hour_without_a_request(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, rest: int, ends: bool
) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    later = door.clock() + rest
    monkeypatch.setattr(door, "clock", lambda: later)
    assert browser.get("/desk/").status_code == (303 if ends else 200)


def test_a_session_ends_after_twelve_hours_anyway(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    start = door.clock()
    for passed in range(0, door.ABSOLUTE, door.IDLE - 60):
        monkeypatch.setattr(door, "clock", lambda now=start + passed: now)
        assert browser.get("/desk/").status_code == 200
    monkeypatch.setattr(door, "clock", lambda: start + door.ABSOLUTE + 1)
    assert browser.get("/desk/").status_code == 303


def test_a_disabled_account_is_out_at_its_next_request(signed_in: SignIn, database: Database) -> None:
    browser, who = signed_in(Role.MODERATOR)
    with database.writing() as session:
        accounts.disable(session, session.get_one(Moderator, who.id))
    assert browser.get("/desk/").headers["Location"] == "/desk/sign-in"


def test_signing_out_ends_a_copied_cookie_too(app: Flask, signed_in: SignIn) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    stolen = browser.client.get_cookie("desk")
    assert stolen
    assert browser.send("/desk/sign-out").headers["Location"] == "/desk/sign-in"
    thief = Browser(app)
    thief.client.set_cookie("desk", stolen.value)
    assert thief.get("/desk/").status_code == 303


# --- Forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("forged", ["", "made up"])
def test_no_form_is_taken_without_its_token(app: Flask, signed_in: SignIn, database: Database, forged: str) -> None:
    browser, _who = signed_in(Role.SAFEGUARDING)
    entry = an_entry(database)
    kind_instead = ("/desk/sign-in", "/desk/again", "/desk/invitation", "/desk/join")  # they show their form again
    for method, rule in addresses(app):
        path = re.sub(r"<[a-z_]+>", str(entry.id), rule.replace("<kind>", "news"))
        if method == "POST" and not path.startswith(kind_instead):
            fields = {"csrf_token": forged, "seen": entry.version, "reason": "off_topic", "lang": "fr"}
            # What is for another role is refused for that, token or not.
            assert browser.client.post(path, data=fields).status_code in (400, 403), path
    assert now_of(database, entry.id).state is State.PENDING
    assert browser.get("/desk/").status_code == 200, "nobody was signed out"


def test_a_token_is_good_for_its_own_session_only(signed_in: SignIn, database: Database) -> None:
    mine, _ = signed_in(Role.MODERATOR)
    theirs, _ = signed_in(Role.MODERATOR)
    entry = an_entry(database)
    fields = {"csrf_token": token(theirs.get("/desk/")), "seen": entry.version}
    assert mine.client.post(f"/desk/entries/{entry.id}/approve", data=fields).status_code == 400


def test_the_language_is_kept_with_the_account(signed_in: SignIn, database: Database) -> None:
    browser, who = signed_in(Role.MODERATOR)
    for lang, direction in (("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")):
        answer = browser.send("/desk/language", lang=lang, back="/desk/published?after=x")
        assert answer.headers["Location"] == "/desk/published?after=x"
        assert f'<html lang="{lang}" dir="{direction}">' in browser.get("/desk/").text
    with database.reads() as session:
        assert session.get_one(Moderator, who.id).language == "en"


def test_the_door_speaks_the_language_that_was_asked_for(app: Flask) -> None:
    browser = Browser(app)
    assert '<html lang="fr"' in browser.get("/desk/sign-in?lang=fr").text
    assert '<html lang="fr"' in browser.get("/desk/sign-in").text, "and remembers it"
    browser.send("/desk/language", "/desk/sign-in", lang="ar", back="/desk/sign-in")
    assert '<html lang="ar" dir="rtl">' in browser.get("/desk/sign-in").text


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org", "/desk/\\example.org", "", "/fr/"])
def test_a_change_of_language_leads_nowhere_else(app: Flask, back: str) -> None:
    answer = Browser(app).send("/desk/language", "/desk/sign-in", lang="fr", back=back)
    assert answer.headers["Location"] == "/desk/"


# --- Reading and deciding --------------------------------------------------------------------------------------------


def test_an_empty_backlog_is_a_friendly_page(signed_in: SignIn) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    browser.send("/desk/language", lang="en", back="")
    assert "Nothing left to read" in browser.get("/desk/").text


def test_a_decision_is_kept_and_leads_to_the_next_entry(signed_in: SignIn, database: Database) -> None:
    browser, who = signed_in(Role.MODERATOR)
    browser.send("/desk/language", lang="en", back="")
    first, second = an_entry(database), an_entry(database, text="la deuxième")
    page = browser.get(f"/desk/entries/{first.id}")
    assert SECRET_WORDS in page.text
    answer = browser.decide(first.id, "decline", seen=first.version, reason="other", note="Merci beaucoup.")
    assert answer.headers["Location"] == f"/desk/entries/{second.id}"
    after = now_of(database, first.id)
    assert (after.state, after.reason, after.note) == (State.DECLINED, "other", "Merci beaucoup.")
    assert "The entry is not published." in browser.get(f"/desk/entries/{second.id}").text
    assert browser.decide(second.id, "approve", seen=second.version).headers["Location"] == "/desk/"
    assert now_of(database, second.id).is_public


def test_every_decision_of_the_page_reaches_its_verb(signed_in: SignIn, database: Database) -> None:
    browser, _who = signed_in(Role.SAFEGUARDING)
    for verb, start, end in (
        ("approve", State.PENDING, State.APPROVED),
        ("ask-changes", State.PENDING, State.CHANGES_REQUESTED),
        ("decline", State.PENDING, State.DECLINED),
        ("escalate", State.PENDING, State.ESCALATED),
        ("return", State.ESCALATED, State.PENDING),
        ("support", State.ESCALATED, State.SUPPORTED),
        ("take-down", State.APPROVED, State.REMOVED),
    ):
        entry = an_entry(database, start)
        assert f"/desk/entries/{entry.id}/{verb}" in browser.get(f"/desk/entries/{entry.id}").text
        answer = browser.decide(entry.id, verb, seen=entry.version, reason="sensitive_story", note="courage")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/desk/")
        assert now_of(database, entry.id).state is end


def test_a_stale_decision_is_a_409_that_says_what_happened_and_keeps_the_note(
    signed_in: SignIn, database: Database
) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    browser.send("/desk/language", lang="en", back="")
    entry = an_entry(database)
    with database.writing() as session:
        colleague = moderator(session, email="faster@example.org")
        desk.ask_changes(session, session.get_one(Entry, entry.id), colleague, entry.version, "face")
    answer = browser.decide(entry.id, "decline", seen=entry.version, reason="hate", note="mes mots choisis")
    assert answer.status_code == 409
    assert "mes mots choisis" in answer.text
    assert "faster@example.org" in answer.text
    assert "asked for a change: A face that can be recognised" in answer.text
    assert SECRET_WORDS not in answer.text, "there is nothing left to decide"
    assert now_of(database, entry.id).state is State.CHANGES_REQUESTED


def test_a_new_version_meanwhile_is_shown_with_the_form_as_it_was_filled(
    signed_in: SignIn, database: Database, store: MemoryStore
) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    entry = an_entry(database)
    with database.writing() as session:
        colleague, row = moderator(session), session.get_one(Entry, entry.id)
        desk.ask_changes(session, row, colleague, row.version, "face")
        entries.resubmit(
            session, row, make.draft(text="ma nouvelle version"), None, store=store, queue=RecordingQueue()
        )
        assert entries.settle(session, row.id, None, None, store=store)
        version = row.version
    answer = browser.decide(entry.id, "decline", seen=entry.version, reason="hate", note="mes mots")
    assert answer.status_code == 409
    assert "ma nouvelle version" in answer.text
    assert re.search(r"<textarea[^>]*name=\"note\"[^>]*>mes mots</textarea>", answer.text)
    assert re.search(r'value="hate" checked', answer.text)
    assert f'name="seen" value="{version}"' in answer.text


def test_an_incomplete_answer_comes_back_with_what_was_typed(signed_in: SignIn, database: Database) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    entry = an_entry(database)
    answer = browser.decide(entry.id, "decline", seen=entry.version, reason="", note="mes mots")
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert "mes mots" in answer.text
    assert browser.decide(entry.id, "decline", seen=entry.version, reason="other").text.count('id="note-error"') == 1
    assert now_of(database, entry.id).state is State.PENDING


def test_what_children_write_stays_text(signed_in: SignIn, database: Database) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    entry = an_entry(
        database, text="<script>alert(1)</script><img src=x onerror=alert(1)>", alt='" autofocus onfocus="alert(1)'
    )
    for page in (browser.get("/desk/"), browser.get(f"/desk/entries/{entry.id}")):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert '" autofocus onfocus' not in page.text


def is_shown(state: State, role: Role) -> bool:
    """The rule, in the words of the written one: readers read what waits, safeguarding alone what was moved to it."""
    if state is State.ESCALATED:
        return role is Role.SAFEGUARDING
    return state is State.APPROVED or (state is State.PENDING and role is not Role.EDITOR)


@pytest.mark.parametrize("role", Role)
def test_each_role_reads_what_it_may(signed_in: SignIn, database: Database, role: Role) -> None:
    browser, _who = signed_in(role)
    for state in State:
        entry = an_entry(database, state)
        page = browser.get(f"/desk/entries/{entry.id}")
        shown = is_shown(state, role)
        assert (SECRET_WORDS in page.text) is shown, state
        kept_from = state in (State.SEALED, State.ESCALATED) and role is not Role.SAFEGUARDING
        closed = not shown and (kept_from or role is Role.EDITOR)
        assert page.status_code == (403 if closed else 200), state


@pytest.mark.parametrize("role", Role)
def test_each_role_has_its_own_lists(signed_in: SignIn, role: Role) -> None:
    browser, _who = signed_in(role)
    assert browser.get("/desk/escalated").status_code == (200 if role is Role.SAFEGUARDING else 403)
    assert browser.get("/desk/published").status_code == 200
    assert browser.get("/desk/").status_code == (302 if role is Role.EDITOR else 200)


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_the_pictures_it_may_and_only_clean_ones(
    signed_in: SignIn, database: Database, store: MemoryStore, role: Role
) -> None:
    browser, _who = signed_in(role)
    ways = {State.PENDING: [], State.APPROVED: [Action.APPROVE], State.ESCALATED: [Action.ESCALATE],
            State.SEALED: [Action.SEAL], State.DECLINED: [Action.DECLINE]}  # fmt: skip
    for state, way in ways.items():
        with database.writing() as session:
            entry = make.pending(session, image=b"clean picture", store=store, kind="meme", alt="un dessin")
            for action in way:
                entries.transition(session, entry, action, actor="somebody")
        store.objects[f"private/{entry.id}/original"] = b"the original"
        answer = browser.get(f"/desk/entries/{entry.id}/media/320.webp")
        shown = is_shown(state, role)
        assert answer.status_code == (200 if shown else 403), state
        assert (answer.data == b"clean picture") is shown
        assert answer.headers["Cache-Control"] == "no-store"
        if shown:
            assert answer.mimetype == "image/webp"
            assert browser.get(f"/desk/entries/{entry.id}/media/original").status_code == 404


def test_a_picture_that_is_gone_is_not_found(signed_in: SignIn, database: Database, store: MemoryStore) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    with database.writing() as session:
        entry = make.pending(session, image=b"clean picture", store=store, kind="meme")
    store.objects.clear()
    assert browser.get(f"/desk/entries/{entry.id}/media/320.webp").status_code == 404


def test_an_unknown_entry_is_not_found_in_the_desk_s_own_page(signed_in: SignIn) -> None:
    browser, who = signed_in(Role.MODERATOR)
    answer = browser.get(f"/desk/entries/{uuid4()}")
    assert answer.status_code == 404
    assert who.email in answer.text


def test_what_is_public_can_be_found_by_its_address_and_taken_down(
    signed_in: SignIn, database: Database, store: MemoryStore
) -> None:
    browser, _who = signed_in(Role.EDITOR)
    entry = an_entry(database, State.APPROVED)
    assert SECRET_WORDS in browser.get("/desk/published").text
    found = browser.get(f"/desk/published?find=https://example.org/fr/gallery/{entry.id}")
    assert found.headers["Location"] == f"/desk/entries/{entry.id}"
    assert browser.get("/desk/published?find=nothing").status_code == 200
    answer = browser.decide(entry.id, "take-down", seen=entry.version, reason="copyright")
    assert answer.headers["Location"] == "/desk/published"
    assert entries.tombstone_key(entry.id) in store.objects, "an old backup would show it again"
    assert now_of(database, entry.id).published_on is None
    assert SECRET_WORDS not in browser.get("/desk/published").text


def test_the_page_tells_no_hour_of_a_child_s_day(signed_in: SignIn, database: Database) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    entry = an_entry(database)
    page = browser.get(f"/desk/entries/{entry.id}").text
    assert f"{privacy.now():%H:%M}" not in page
    assert not re.search(r"\b\d{1,2}:\d\d\b", page)


# --- Working together, and with care ----------------------------------------------------------------------------------


def test_a_colleague_s_entry_is_not_decided_by_accident_and_taking_over_keeps_every_word(
    signed_in: SignIn, database: Database
) -> None:
    (sara, sara_self), (omar, _omar) = signed_in(Role.MODERATOR), signed_in(Role.MODERATOR)
    omar.send("/desk/language", lang="en", back="")
    entry = an_entry(database)
    path, name = f"/desk/entries/{entry.id}", words.short_name(sara_self.email)
    sara.get(path)
    assert re.search(rf"Read by <bdi>{name}</bdi>", omar.get("/desk/").text)
    assert re.search(rf"data-name>{name}</bdi>", omar.get(path).text)
    refused = omar.decide(entry.id, "decline", seen=entry.version, reason="hate", note="mes mots")
    assert refused.status_code == 409
    assert "The decision was not saved" in refused.text
    assert "mes mots</textarea>" in refused.text
    assert now_of(database, entry.id).state is State.PENDING

    taken = omar.send(f"{path}/take-over", path, seen=entry.version, reason="hate", note="mes mots")
    assert "mes mots</textarea>" in taken.text
    assert re.search(r'value="hate" checked', taken.text)
    told = sara.send(f"{path}/claim", path)
    assert told.json["holder"] != ""
    assert omar.decide(entry.id, "decline", seen=entry.version, reason="hate").status_code == 303
    late = sara.decide(entry.id, "ask-changes", seen=entry.version, reason="face", note="les miens")
    assert late.status_code == 409
    assert "les miens" in late.text


def test_skipping_and_leaving_to_others_ask_no_reason_and_lead_on(signed_in: SignIn, database: Database) -> None:
    browser, who = signed_in(Role.MODERATOR)
    first, second, third = (an_entry(database, text=f"histoire {number}") for number in range(3))
    paths = [f"/desk/entries/{entry.id}" for entry in (first, second, third)]
    browser.get(paths[0])
    assert browser.send(f"{paths[0]}/skip", paths[0]).headers["Location"] == paths[1]
    with database.reads() as session:
        assert claims.holders(session, [first.id], Moderator(id=uuid4())) == {}, "the claim is given back"
    assert browser.send(f"{paths[1]}/hide", paths[1]).headers["Location"] == paths[2]
    assert browser.send(f"{paths[2]}/skip", paths[2]).headers["Location"] == "/desk/", "everything was passed over"
    shown = browser.get("/desk/").text
    assert (paths[0] in shown, paths[1] in shown) == (True, False)
    browser.send("/desk/me/hidden", "/desk/me")
    assert paths[1] in browser.get("/desk/").text


def test_a_decision_is_taken_back_with_one_button(signed_in: SignIn, database: Database) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    entry = an_entry(database)
    browser.decide(entry.id, "approve", seen=entry.version)
    undo = f"/desk/entries/{entry.id}/undo"
    assert undo in browser.get("/desk/").text
    assert browser.send(undo).headers["Location"] == f"/desk/entries/{entry.id}"
    assert now_of(database, entry.id).state is State.PENDING
    assert browser.send(undo).headers["Location"] == "/desk/", "once"
    assert undo not in browser.get("/desk/").text


def test_an_open_list_asks_again_cheaply_and_is_no_sign_of_life(
    signed_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    an_entry(database)
    first = browser.get("/desk/live")
    assert SECRET_WORDS in first.text
    assert "<html" not in first.text
    again = browser.client.get("/desk/live", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    an_entry(database, text="une nouvelle")
    fresh = browser.client.get("/desk/live", headers={"If-None-Match": first.headers["ETag"]})
    assert "une nouvelle" in fresh.text
    start = door.clock()
    monkeypatch.setattr(door, "clock", lambda: start + door.IDLE - 60)
    assert browser.get("/desk/live").status_code == 200
    monkeypatch.setattr(door, "clock", lambda: start + door.IDLE + 60)
    assert browser.get("/desk/").status_code == 303


def test_each_one_s_preferences_are_kept_and_followed(
    signed_in: SignIn, database: Database, store: MemoryStore
) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    heavy, muted = an_entry(database, theme="threats"), an_entry(database, theme="hate", text="autre chose")
    with database.writing() as session:
        picture = make.pending(session, image=b"clean picture", store=store, kind="meme", alt="un dessin")
    assert re.search(r'value="blurred"[^>]* checked', browser.get(f"/desk/entries/{picture.id}").text)
    wanted = {"pictures": "grey", "keys": "one", "heavy_cap": "0", "muted": ["hate"]}
    assert browser.send("/desk/me", "/desk/me", **wanted).status_code == 303
    shown = browser.get("/desk/").text
    assert str(heavy.id) not in shown
    assert str(muted.id) not in shown
    assert str(heavy.id) in browser.get("/desk/?heavy=shown").text, "a cry for help can always be reached"
    assert re.search(r'value="grey"[^>]* checked', browser.get(f"/desk/entries/{picture.id}").text)
    for name, wrong in (("pictures", "naked"), ("keys", "three"), ("heavy_cap", "7"), ("muted", ["nothing"])):
        assert browser.send("/desk/me", "/desk/me", **(wanted | {name: wrong})).status_code == 400


def test_a_break_is_proposed_and_skipped_with_one_button(
    signed_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    monkeypatch.setattr(workplace, "STRETCH", 1)
    entry, following = an_entry(database), an_entry(database)
    assert browser.decide(entry.id, "approve", seen=entry.version).headers["Location"] == "/desk/break"
    assert browser.send("/desk/break", "/desk/break").headers["Location"] == f"/desk/entries/{following.id}"


def test_filters_of_the_list_lead_the_way_to_the_next_one(signed_in: SignIn, database: Database) -> None:
    browser, _who = signed_in(Role.MODERATOR)
    first, _other, second = (an_entry(database, language=language) for language in ("fr", "ar", "fr"))
    assert browser.get("/desk/?language=fr").text.count('<li><a href="/desk/entries/') == 2
    answer = browser.decide(first.id, "approve", seen=first.version)
    assert answer.headers["Location"] == f"/desk/entries/{second.id}"
