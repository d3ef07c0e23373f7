"""The offline pack: what is in it, that it tells nothing, and the list of what packs must not show any more."""

import hashlib
import html
import io
import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from memes import collections, consents, entries, pictures, privacy, recall
from memes.collections import Wording
from memes.consents import Consents
from memes.lifecycle import Action
from memes.models import Entry
from memes.schools.packs import contents, scripts
from tests import make
from tests.fakes import MemoryStore

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # how packs are built
TODAY = date(2026, 11, 26)
PICTURE = b"RIFF a picture" * 50


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


def set_day(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr(privacy, "now", lambda: datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def public(session: Session, *, on_screen: bool = False, store: MemoryStore | None = None, **changes: object) -> Entry:
    entry = make.pending(session, store=store or MemoryStore(), **changes)  # type: ignore[arg-type]
    if entry.theme == "threats":
        entries.transition(session, entry, Action.ENDORSE, actor="n")
    entries.transition(session, entry, Action.APPROVE, actor="m")
    entry.for_screen = on_screen
    session.commit()
    return entry


def pack_of(client: FlaskClient, address: str = "/fr/schools/pack.zip") -> zipfile.ZipFile:
    answer = client.get(address, buffered=True)
    assert answer.status_code == 200
    assert len(answer.data) == answer.content_length
    return zipfile.ZipFile(io.BytesIO(answer.data))


def marks(pack: zipfile.ZipFile) -> list[str]:
    return [entry["mark"] for entry in json.loads(pack.read("manifest.json"))["entries"]]


def mark_of(entry: Entry, times_left: int = 0) -> str:
    return recall.mark(recall.packed_id(entry.id, times_left))


def listed(client: FlaskClient) -> list[str]:
    found = client.get("/recall.json").json
    assert isinstance(found, list)
    return found


@ON_ONE
def test_a_pack_holds_what_is_public_and_allowed_in_schools_and_the_screen_what_is_graded(
    client: FlaskClient, session: Session, store: MemoryStore
) -> None:
    seen = public(session, store=store, image=PICTURE, kind="meme", caption="Un chat", on_screen=True)
    plain = public(session, text="Une histoire.")
    public(session, consent_schools=False)
    public(session, consent_gallery=False)
    make.pending(session)
    session.commit()
    with pack_of(client) as pack:
        assert set(marks(pack)) == {mark_of(seen), mark_of(plain)}
        assert pack.read(f"media/{mark_of(seen)}-320.webp") == PICTURE
        assert not [name for name in pack.namelist() if name.endswith(".jpg")]
        assert set(re.findall(r'data-entry="([^"]+)"', pack.read("index.html").decode())) == set(marks(pack))
        on_screen = re.findall(r'data-entry="([^"]+)"', pack.read("screen.html").decode())
        assert {recall.mark(UUID(found)) for found in on_screen} == {mark_of(seen)}
        told = json.loads(pack.read("manifest.json"))
        assert [entry["screen"] for entry in told["entries"] if entry["mark"] == mark_of(plain)] == [False]


@ON_ONE
def test_nothing_in_a_pack_leads_to_an_id_a_moment_or_a_place_outside(
    client: FlaskClient, session: Session, store: MemoryStore
) -> None:
    entry = public(session, store=store, image=PICTURE, on_screen=True)
    with pack_of(client) as pack:
        assert {info.date_time for info in pack.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in pack.namelist():
            data = pack.read(name)
            assert entry.id.hex.encode() not in data.replace(b"-", b""), name
            if name.endswith(".html"):
                page = html.unescape(data.decode())
                assert page.count("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ") == 1
                loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', page)
                loaded += [part.split()[0] for found in re.findall(r'srcset="([^"]+)"', page) for part in found.split(", ")]
                root = "entries/" if name.startswith("entries/") else ""
                inside = {re.sub(r"^entries/\.\./", "", root + address) for address in loaded}
                assert inside <= set(pack.namelist()), name
                assert not re.findall(r'(?:href|action)="/', page), name


@ON_ONE
def test_the_same_content_is_the_same_bytes_and_its_manifest_names_every_file(client: FlaskClient, session: Session) -> None:
    public(session)
    def fetched(**headers: str) -> TestResponse:
        return client.get("/ar/schools/pack.zip?theme=rumours", buffered=True, headers=headers)

    first = fetched()
    assert fetched().data == first.data
    assert fetched(**{"If-None-Match": first.headers["ETag"]}).status_code == 304
    rest = fetched(Range="bytes=100-")
    assert (rest.status_code, rest.data) == (206, first.data[100:])
    assert 'filename="insta-memes-ar-rumours-2026-11-26.zip"' in first.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(first.data)) as pack:
        told = json.loads(pack.read("manifest.json"))
        assert told["files"] == {
            name: hashlib.sha256(pack.read(name)).hexdigest() for name in sorted(pack.namelist()) if name != "manifest.json"
        }
        assert (told["made"], told["fresh_until"], told["over_after"]) == ("2026-11-26", "2027-02-24", "2027-03-26")
        assert (told["language"], told["choice"]) == ("ar", {"theme": "rumours"})


@ON_ONE
def test_a_pack_of_a_collection_has_its_order_and_what_was_read_of_its_words(client: FlaskClient, session: Session) -> None:
    made, _key = collections.begin(session, "k" * 64, Wording("Une leçon"))
    first, _other, second = public(session), public(session), public(session)
    for entry in (second, first):
        collections.add(session, made, entry.id)
    session.commit()
    address = f"/fr/schools/pack.zip?collection={made.short}"
    with pack_of(client, address) as pack:
        assert marks(pack) == [mark_of(second), mark_of(first)]
        assert "Une leçon" not in pack.read("index.html").decode()
    collections.judge(session, made.short, collections.Words.SHOWN, seen=made.version)
    session.commit()
    with pack_of(client, address) as pack:
        assert "Une leçon" in pack.read("index.html").decode()
    assert f'href="/fr/schools/pack?collection={made.short}"' in client.get(f"/fr/c/{made.short}").text


@ON_ONE
def test_the_page_says_how_much_it_is_before_anything_is_fetched(
    client: FlaskClient, session: Session, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        public(session, store=store, image=PICTURE)
    page = client.get("/en/schools/pack?theme=rumours&language=").text
    assert "3 creations · about 0.1 MB · good until February 24, 2027" in page
    assert 'href="/en/schools/pack.zip?theme=rumours"' in page
    assert "There are no creations here yet" in client.get("/en/schools/pack?theme=hate").text
    assert client.get("/en/schools/pack.zip?theme=hate", buffered=True).status_code == 404
    monkeypatch.setattr(contents, "MOST_BYTES", 2 * len(PICTURE))
    page = client.get("/en/schools/pack?theme=rumours").text
    assert "2 creations" in page
    assert "Not everything fits" in page
    with pack_of(client) as pack:
        assert len(marks(pack)) == 2


@ON_ONE
def test_what_is_being_taken_back_while_the_pack_is_made_is_left_out(
    client: FlaskClient, session: Session, store: MemoryStore
) -> None:
    going, stays = public(session, store=store, image=PICTURE), public(session, store=store, image=PICTURE)
    store.delete(pictures.rendition_key(going.id, "320.webp"))
    with pack_of(client) as pack:
        assert marks(pack) == [mark_of(stays)]
        assert mark_of(going) not in str(pack.namelist())


@ON_ONE
def test_packs_are_made_so_often_and_no_more(client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memes.schools.packs.views.MOST", 2)
    public(session)
    assert [client.get("/fr/schools/pack.zip", buffered=True).status_code for _ in range(3)] == [200, 200, 429]


def test_whatever_leaves_the_public_is_on_the_list_and_nothing_else(
    client: FlaskClient, session: Session, store: MemoryStore
) -> None:
    stays, gone, down, undone, schools, erased = (public(session) for _ in range(6))
    entries.transition(session, stays, Action.REPORT, actor="visitor", reason="other")
    entries.transition(session, stays, Action.KEEP, actor="m")
    entries.withdraw(session, make.pending(session), store=store)  # nobody has ever seen it
    session.commit()
    assert listed(client) == []
    for entry in (gone, erased):
        entries.withdraw(session, entry, store=store)
    entries.erase(session, erased, store=store)
    entries.transition(session, down, Action.TAKE_DOWN, actor="m", reason="other")
    entries.transition(session, undone, Action.UNDO, actor="m")
    consents.choose(session, schools, Consents(gallery=True, schools=False, printing=False), store=store)
    session.commit()
    expected = sorted(mark_of(entry) for entry in (gone, down, undone, schools, erased))
    assert listed(client) == expected
    dropped = client.get("/recall.js")
    assert dropped.text == f"globalThis.recalled = {json.dumps(expected, separators=(',', ':'))};\n"
    assert "attachment" in dropped.headers["Content-Disposition"]


def test_what_comes_back_has_another_name_so_that_older_packs_stay_without_it(
    client: FlaskClient, session: Session
) -> None:
    entry, other = public(session), public(session)
    entries.transition(session, entry, Action.UNDO, actor="m")
    entries.transition(session, entry, Action.APPROVE, actor="m")
    session.commit()
    assert listed(client) == [mark_of(entry)]
    assert recall.packed_ids(session, [entry.id, other.id]) == {
        entry.id: recall.packed_id(entry.id, 1), other.id: recall.packed_id(other.id, 0),
    }  # fmt: skip
    with pack_of(client) as pack:
        assert set(marks(pack)) == {mark_of(entry, 1), mark_of(other)}
    entries.transition(session, entry, Action.TAKE_DOWN, actor="m", reason="other")
    session.commit()
    assert listed(client) == sorted([mark_of(entry), mark_of(entry, 1)])


def test_the_list_forgets_what_no_pack_can_hold_any_more(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = public(session), public(session)
    entries.withdraw(session, early, store=MemoryStore())
    session.commit()
    set_day(monkeypatch, TODAY + recall.LONGEST)
    entries.withdraw(session, late, store=MemoryStore())
    session.commit()
    assert listed(client) == sorted([mark_of(early), mark_of(late)]), "a pack made just before still shows it on its last day"
    set_day(monkeypatch, TODAY + recall.LONGEST + timedelta(days=14))
    assert listed(client) == [mark_of(late)]


@ON_ONE
def test_the_list_can_be_read_by_any_page_and_tells_nobody_anything(client: FlaskClient) -> None:
    answer = client.get("/recall.json", headers={"Origin": "null"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get("/recall.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_mark_is_short_and_leads_to_no_id() -> None:
    entry_id = uuid4()
    mark = recall.mark(recall.packed_id(entry_id, 0))
    assert re.fullmatch(r"[0-9a-f]{12}", mark)
    assert mark not in entry_id.hex
    assert mark != recall.mark(recall.packed_id(entry_id, 1))


def test_modules_become_one_script_without_imports() -> None:
    script = scripts.plain("screen", {"screen-live": "pack-live"})
    assert not re.findall(r"^\s*(?:import|export)\b", script, flags=re.MULTILINE)
    assert 'modules["screen-live"]' not in script
    assert script.index('modules["pack-recall"] =') < script.index('modules["pack-live"] =') < script.index('modules["screen"] =')
