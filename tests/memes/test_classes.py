"""Class codes: a class sends at once from one address, kindly answered when a code is wrong, and nobody is known by it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from flask.testing import FlaskClient
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from memes import classes, entries, gate, privacy, running
from memes.db import Database
from memes.errors import IllegalTransition, NotFound
from memes.limits import Limiter
from memes.models import Entry
from memes.school_models import ClassCode
from memes.settings import Settings
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from tests.memes.test_intake import fields

KEY = "k" * 64
SCHOOL: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": "196.200.131.7"}}
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Later = Callable[[int], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """So many days from now."""
    real = privacy.now
    return lambda days: monkeypatch.setattr(privacy, "now", lambda: real() + timedelta(days=days))


def granted(database: Database, *, region: str | None = "MA-07", age: str | None = "12-14", expected: int = 40) -> str:
    """A code that is good today."""
    with database.writing() as session:
        wish, _key = classes.ask(session, KEY, region=region, age=age, expected=expected)
        return classes.grant(session, wish.id).code or ""


def sent_by_morning(database: Database, settings: Settings) -> int:
    """A night goes by; how much was sent."""
    with database.writing() as session:
        classes.add_up(session, Limiter(settings.redis_url, enabled=True))
        return the_code(session).sent


def the_code(session: Session) -> ClassCode:
    return session.scalars(select(ClassCode).execution_options(populate_existing=True)).one()


@ONE_DATABASE
def test_a_class_of_forty_sends_from_one_address_without_one_refusal(
    client: FlaskClient, database: Database, settings: Settings
) -> None:
    code = granted(database)
    for pupil in range(40):
        words = fields(text=f"حكاية {pupil}", class_code=f"{code[:4]} {code[4:]}")
        assert client.post("/ar/share/story", data=words, **SCHOOL).status_code == 200, pupil
    with database.reads() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 40
        assert the_code(session).sent == 0, "whoever watches it sees nothing rise"
    assert sent_by_morning(database, settings) == 40
    for free in range(gate.FREE):  # what has no code still has the network's own first ones
        assert client.post("/ar/share/story", data=fields(text=f"{free}"), **SCHOOL).status_code == 200
    assert client.post("/ar/share/story", data=fields(), **SCHOOL).status_code == 429


@ONE_DATABASE
def test_beyond_its_quota_a_code_lets_nobody_past_the_line(client: FlaskClient, database: Database) -> None:
    code = granted(database, expected=classes.LEAST)
    most = classes.PER_PUPIL * classes.LEAST + gate.FREE
    answers = [
        client.post("/ar/share/story", data=fields(text=f"{number}", class_code=code), **SCHOOL).status_code
        for number in range(most + 1)
    ]
    assert answers == [200] * most + [429]


def test_region_and_age_are_filled_in_where_the_child_left_them_empty_and_nothing_else_is_kept(
    client: FlaskClient, database: Database, settings: Settings
) -> None:
    code = granted(database)
    client.post("/ar/share/story", data=fields(class_code=code, age="na", region="na"))
    client.post("/ar/share/story", data=fields(class_code=code, age="9-11", region="MA-01", text="another"))
    client.post("/api/v1/entries", data=fields(class_code=code, kind="story", text="third", consent_gallery="true"))
    with database.reads() as session:
        told = {(entry.region, entry.age) for entry in session.scalars(select(Entry))}
        assert told == {("MA-07", "12-14"), ("MA-01", "9-11")}
        row = the_code(session)
        for table in inspect(session.connection()).get_table_names():
            if table not in ("class_codes", "alembic_version"):
                rows = repr(session.connection().exec_driver_sql(f'SELECT * FROM "{table}"').all())  # noqa: S608  (our own name)
                assert code not in rows, table
                assert row.id.hex not in rows.replace("-", ""), table
    with redis.Redis.from_url(settings.redis_url) as store:
        counts = {f"limits:class:{code}".encode(): gate.DAY, f"limits:class_sent:{row.id.hex}".encode(): classes.COUNTED}
        assert {name for name in store.scan_iter() if code.encode() in name or row.id.hex.encode() in name} == set(counts)
        for name, seconds in counts.items():
            assert store.get(name) == b"3"
            assert 0 < store.ttl(name) <= seconds
    assert [sent_by_morning(database, settings), sent_by_morning(database, settings)] == [3, 3]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_itself_does_not_know_which_transaction_wrote_entry_and_code(client: FlaskClient, database: Database) -> None:
    code = granted(database)

    def written_by(table: str) -> set[str]:
        with database.reads() as session:
            return set(session.connection().exec_driver_sql(f"SELECT xmin::text FROM {table}").scalars())  # noqa: S608

    before = written_by("class_codes")
    assert client.post("/ar/share/story", data=fields(class_code=code)).status_code == 200
    assert written_by("class_codes") == before
    assert not before & written_by("entries")


@ONE_DATABASE
@pytest.mark.parametrize("typed", ["1234 5678", "code!", "0000000", "x" * 29])
def test_a_wrong_code_is_told_kindly_and_nothing_typed_is_lost(client: FlaskClient, database: Database, typed: str) -> None:
    granted(database)
    answer = client.post("/en/share/story", data=fields(text="all my words", class_code=typed, region="MA-03"))
    assert answer.status_code == 422
    assert "your creation goes without it too" in answer.text
    assert "all my words</textarea>" in answer.text
    assert f'value="{typed}"' in answer.text
    answer = client.post("/api/v1/entries", data=fields(kind="story", class_code=typed, consent_gallery="true"))
    assert (answer.status_code, answer.json["errors"]) == (422, {"class_code": "unknown"})
    with database.reads() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 0
    assert client.post("/en/share/story", data=fields(class_code=" ")).status_code == 200


@ONE_DATABASE
def test_a_code_is_typed_as_on_any_keyboard(client: FlaskClient, database: Database) -> None:
    code = granted(database)
    arabic = code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for typed in (f" {code[:4]}-{code[4:]} ", arabic, f"{arabic[:4]} {arabic[4:]}"):
        assert client.post("/ar/share/story", data=fields(class_code=typed, text=typed)).status_code == 200


@ONE_DATABASE
def test_codes_are_not_to_be_guessed(client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    code = granted(database)
    monkeypatch.setattr(classes, "WRONG", 2)
    for typed in ("11111111", "22222222", "33333333", code):
        assert client.post("/ar/share/story", data=fields(class_code=typed)).status_code == 422


def test_it_ends_fourteen_days_after_its_first_use(database: Database, later: Later, settings: Settings) -> None:
    limiter, code = Limiter(settings.redis_url, enabled=False), granted(database)

    def send_once() -> None:
        with database.reads() as session:
            classes.count(limiter, the_code(session).id)
        sent_by_morning(database, settings)

    def good() -> bool:
        return classes.given(database, limiter, "", code)[0] is not None

    later(classes.BEGUN.days)
    assert good(), "nobody has used it yet"
    later(classes.BEGUN.days + 1)
    assert not good()
    later(20)
    send_once()
    later(19 + classes.LASTS.days)
    assert good()
    send_once()  # later ones do not begin it again
    later(20 + classes.LASTS.days)
    assert not good()
    later(19 + classes.LASTS.days + classes.TOLD.days)
    with database.writing() as session:
        classes.expire(session)
        assert the_code(session).sent == 2, "its page still says what became of it"
    later(21 + classes.LASTS.days + classes.TOLD.days)
    with database.writing() as session:
        classes.expire(session)
        assert session.scalar(select(func.count()).select_from(ClassCode)) == 0


def test_a_sending_that_is_repeated_is_counted_once(session: Session, store: MemoryStore, queue: RecordingQueue) -> None:
    counted: list[int] = []
    for end in (session.rollback, session.commit, session.commit):
        entries.submit(session, make.draft(), None, b"r" * 32, store=store, queue=queue, then=lambda: counted.append(1))
        end()
    assert counted == [1]


@pytest.mark.parametrize(("sent", "told"), [(0, 0), (9, 0), (10, 10), (19, 10), (20, 20), (40, 40), (123, 120)])
def test_a_number_is_told_by_tens(sent: int, told: int) -> None:
    assert classes.told(sent) == told


def test_a_wish_is_answered_once(session: Session) -> None:
    wish, _key = classes.ask(session, KEY, region="nowhere", age="na", expected=1000)
    assert (wish.region, wish.age, wish.expected, wish.code) == (None, None, classes.MOST, None)
    assert [found.id for found in classes.asked(session)] == [wish.id]
    classes.refuse(session, wish.id)
    for late in (classes.grant, classes.refuse):
        with pytest.raises(IllegalTransition):
            late(session, wish.id)
    with pytest.raises(NotFound):
        classes.end(session, make.received(session).id)


def test_a_teacher_asks_waits_and_finds_code_and_poster(client: FlaskClient, database: Database) -> None:
    answer = client.post("/fr/schools/code/ask", data={"region": "MA-07", "age": "12-14", "expected": "٣٢"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "Set-Cookie" not in answer.headers
    found = re.search(r"schools/code#(\d{16})", answer.text)
    assert found
    assert "La demande est arrivée" in client.post("/fr/schools/code/open", data={"key": found[1]}).text
    with database.writing() as session:
        wish = the_code(session)
        assert (wish.region, wish.age, wish.expected) == ("MA-07", "12-14", 32)
        code = classes.grant(session, wish.id).code or ""
    page = client.post("/fr/schools/code/open", data={"key": f"http://localhost/fr/schools/code#{found[1]}"}).text
    assert f"<span>{code[:4]}</span> <span>{code[4:]}</span>" in page
    assert f"/fr/share#class={code}" in page
    assert "Moins de 10" in page
    page = client.post("/fr/schools/code/open", data={"key": found[1], "do": "end"}).text
    assert "Ce code est terminé" in page
    assert client.post("/fr/share/story", data=fields(class_code=code)).status_code == 422


@ONE_DATABASE
def test_a_class_has_pupils_and_a_wrong_key_opens_nothing(client: FlaskClient, database: Database) -> None:
    for typed in ("", "many", "4", "61", "-5", "1e9", "²"):
        answer = client.post("/en/schools/code/ask", data={"expected": typed, "region": "MA-07"})
        assert answer.status_code == 422
        assert '<option selected value="MA-07">' in answer.text
    assert client.post("/en/schools/code/open", data={"key": "1" * 16}).status_code == 404
    with database.reads() as session:
        assert session.scalar(select(func.count()).select_from(ClassCode)) == 0


@ONE_DATABASE
def test_where_enrolment_is_open_a_code_is_there_at_once(client: FlaskClient, database: Database) -> None:
    by_team = "The campaign team answers on working days."
    assert by_team in client.get("/en/schools/code").text
    assert "The request has arrived" in client.post("/en/schools/code/ask", data={"expected": "30"}).text
    with database.writing() as session:
        running.change(session, "open_enrolment", True, 0)
    client.application.extensions.pop("instamemes_running")
    assert by_team not in client.get("/en/schools/code").text
    assert "The class code is ready" in client.post("/en/schools/code/ask", data={"expected": "30"}).text
