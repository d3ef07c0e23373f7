"""Who may send: a class at once, a program slowly, and nobody is known. On a real Valkey."""

import time
from collections.abc import Callable
from typing import Any

import altcha
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from memes import gate
from memes.db import Database
from memes.gate import Gate, Wait
from memes.limits import Limiter
from memes.models import Entry

SCHOOL, ELSEWHERE = "196.200.131.7", "41.140.9.9"
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def entrance(broker_url: str) -> Gate:
    limiter = Limiter(broker_url, enabled=True)
    limiter.store.flushall()
    return Gate(limiter, "k" * 64)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass at the gate; the memory store's own clock goes on as it does."""
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


def solved(challenge: dict[str, Any]) -> str:
    """What the page would send."""
    asked = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(asked)
    assert solution is not None
    return altcha.Payload(asked, solution).to_base64()


def comes_in(entrance: Gate, address: str = SCHOOL, **words: str) -> bool:
    return entrance.admit(address, **words) is None


def let_in_the_free(entrance: Gate) -> None:
    for _ in range(gate.FREE):
        assert comes_in(entrance)


@ONE_DATABASE
def test_a_class_of_forty_behind_one_address_sends_without_one_refusal(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch, figure: Callable[..., None]
) -> None:
    monkeypatch.setattr(gate, "DERIVATIONS", 10)  # what forty phones would share is done by one machine here
    school: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": SCHOOL}}
    for pupil in range(40):
        challenge = client.get("/api/v1/challenge", **school)
        assert challenge.headers["Cache-Control"] == "no-store"
        assert challenge.json["parameters"]["cost"] == gate.ROUNDS
        words = {"theme": "rumours", "language": "ar", "text": f"حكاية {pupil}", "altcha": solved(challenge.json)}
        assert client.post("/ar/share/story", data=words, **school).status_code == 200, pupil
    with database.reads() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 40
    figure("gate.class", 40, goal=">= 40", unit="pupils behind one address, none refused")


@ONE_DATABASE
def test_a_program_is_slowed_after_its_first_ten_and_loses_no_word(client: FlaskClient) -> None:
    words = {"theme": "rumours", "language": "en", "text": "once more"}
    for path in ["/en/share/story"] * 5 + ["/api/v1/entries"] * 5:
        assert client.post(path, data=words | {"kind": "story"}).status_code in (200, 201)

    page = client.post("/en/share/story", data=words)
    assert page.status_code == 429
    assert page.headers["Retry-After"] == str(gate.FIRST)
    assert "once more" in page.text
    assert f"Wait {gate.FIRST} seconds" in page.text
    answer = client.post("/api/v1/entries", data=words | {"kind": "story"})
    assert (answer.status_code, answer.content_type) == (429, "application/problem+json")
    assert gate.FIRST < answer.json["retry_after"] <= gate.FIRST + gate.GAP  # seconds pass meanwhile
    elsewhere = {"REMOTE_ADDR": ELSEWHERE}
    assert client.post("/en/share/story", data=words, environ_overrides=elsewhere).status_code == 200


def test_without_a_script_a_class_is_through_in_five_minutes(entrance: Gate, later: Callable[[float], None]) -> None:
    let_in_the_free(entrance)
    places = [entrance.admit(SCHOOL) for _ in range(30)]
    assert all(place is not None and place.ticket for place in places)
    waits = [place.seconds for place in places if place is not None]
    assert waits == sorted(waits)
    assert waits[0] == gate.FIRST
    assert waits[-1] <= 300

    later(gate.FIRST - 1)
    first = places[0]
    assert first is not None
    assert entrance.admit(SCHOOL, ticket=first.ticket) == Wait(1, first.ticket), "who comes too early keeps the place"
    later(300)
    assert all(comes_in(entrance, ticket=place.ticket) for place in places if place is not None)
    assert not comes_in(entrance, ticket=first.ticket), "a ticket is good for once"
    later(gate.GOOD + gate.LONGEST)
    assert not comes_in(entrance, ticket=first.ticket)


def test_the_line_has_an_end(entrance: Gate) -> None:
    let_in_the_free(entrance)
    places = [entrance.admit(SCHOOL) for _ in range(gate.LONGEST // gate.GAP + 1)]
    assert places[-1] == Wait(gate.LONGEST, "")


def test_a_solution_is_good_for_one_sending_and_only_if_it_is_ours(entrance: Gate) -> None:
    let_in_the_free(entrance)
    proof = solved(entrance.challenge(SCHOOL))
    assert comes_in(entrance, proof=proof)
    assert not comes_in(entrance, proof=proof)
    stranger = Gate(Limiter("unix:///nowhere", enabled=True), "x" * 64)
    easier = entrance.challenge(SCHOOL)
    easier["parameters"] |= {"cost": 1, "keyPrefix": ""}
    for wrong in (solved(stranger.challenge(SCHOOL)), solved(easier), "", "é", "e30=", "x" * 500):
        assert not comes_in(entrance, proof=wrong)
    for wrong in ("1.2.3", "é.é.é", "9999999999.00.ff"):
        assert not comes_in(entrance, ticket=wrong)


def test_a_challenge_runs_out(entrance: Gate, later: Callable[[float], None]) -> None:
    let_in_the_free(entrance)
    proof = solved(entrance.challenge(SCHOOL))
    later(gate.LIFE + 1)
    assert not comes_in(entrance, proof=proof)


def test_a_sending_repeated_over_a_weak_network_comes_in_again(entrance: Gate) -> None:
    proof = solved(entrance.challenge(SCHOOL))
    assert comes_in(entrance, proof=proof, sending="a")
    let_in_the_free(entrance)
    assert comes_in(entrance, proof=proof, sending="a")
    assert not comes_in(entrance, proof=proof, sending="b")


def test_the_work_grows_with_what_comes_in(entrance: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    efforts: list[int] = []
    real = altcha.create_challenge

    def noted(*args: Any, counter: int, **options: Any) -> altcha.Challenge:
        efforts.append(counter)
        return real(*args, counter=counter, **options)

    monkeypatch.setattr(altcha, "create_challenge", noted)
    monkeypatch.setattr(gate, "DERIVATIONS", 4)
    monkeypatch.setattr(gate, "FREE", 10_000)
    for sent, least in ((0, 4), (gate.OWN_STEP, 8), (gate.COMMON_STEP, 4 * (1 + 4 + 1))):
        while len(efforts) < sent:
            comes_in(entrance)
            efforts.append(0)
        entrance.challenge(SCHOOL)
        assert least <= efforts.pop() < 2 * least
    entrance.challenge(ELSEWHERE)
    assert 8 <= efforts.pop() < 16, "elsewhere only the common load is felt"


def test_nothing_in_the_memory_store_tells_where_anybody_is(entrance: Gate) -> None:
    let_in_the_free(entrance)
    entrance.admit(SCHOOL)
    store = entrance._limiter.store
    names = list(store.scan_iter())
    kept = b" ".join(names) + b" ".join(store.get(name) or b"" for name in names)
    assert all(0 < store.ttl(name) <= 24 * 3600 for name in names), "everything dies with the day"
    assert len(names) >= 5
    assert b"196.200" not in kept
    assert bytes([196, 200, 131]) not in kept


def test_when_the_memory_store_is_away_nobody_is_refused() -> None:
    closed = Gate(Limiter("unix:///nowhere.sock", enabled=True), "k" * 64)
    assert closed.challenge(SCHOOL)["parameters"]
    assert all(comes_in(closed) for _ in range(gate.FREE + 5))


def test_switched_off_it_lets_everything_in(broker_url: str) -> None:
    entrance = Gate(Limiter(broker_url, enabled=False), "k" * 64)
    assert all(comes_in(entrance) for _ in range(gate.FREE + 5))
