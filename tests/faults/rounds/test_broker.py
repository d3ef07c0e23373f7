"""The broker is away, forgets, dies, is full or says nothing while children send."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import redis

from tests.faults.parts import Broker
from tests.faults.rounds.platform import Platform

Fault = Callable[[Broker], AbstractContextManager[None]]


@contextmanager
def away(broker: Broker) -> Iterator[None]:
    broker.kill()
    try:
        yield
    finally:
        broker.start()


@contextmanager
def flushed(broker: Broker) -> Iterator[None]:
    yield
    with redis.Redis.from_url(broker.url) as client:
        client.flushall()


@contextmanager
def killed(broker: Broker) -> Iterator[None]:
    yield
    broker.kill()
    broker.start()


@contextmanager
def full(broker: Broker) -> Iterator[None]:
    with redis.Redis.from_url(broker.url) as client:
        client.config_set("maxmemory", 1)
        yield
        client.config_set("maxmemory", 0)


@contextmanager
def silent(broker: Broker) -> Iterator[None]:
    """It takes connections and never answers."""
    broker.pause()
    try:
        yield
    finally:
        broker.go_on()


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        pytest.param(away, 2, marks=pytest.mark.thorough), pytest.param(flushed, 4, marks=pytest.mark.thorough),
        pytest.param(killed, 4, marks=pytest.mark.thorough), (full, 2), pytest.param(silent, 1, marks=pytest.mark.thorough),
    ],
)  # fmt: skip
def test_what_a_child_sends_meanwhile_is_acknowledged_and_cleaned_once(
    platform: Platform, rounds: range, fault: Fault, sent: int, figure: Callable[..., None]
) -> None:
    for _ in rounds:
        with fault(platform.broker):
            platform.send(sent)
        platform.recover()
    platform.assert_nothing_lost()
    name = f"faults.broker_{getattr(fault, '__name__', '')}"
    figure(name, len(rounds), goal=">= 50", unit="rounds")
    figure(f"{name}.recovery", round(platform.longest, 1), goal="<= 60", unit="s at most, with sweeps")
