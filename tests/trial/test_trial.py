"""The trial itself, where there is time; `make bench BENCH=machines` writes its table."""

from collections.abc import Callable

import pytest

from tests.trial import course


@pytest.mark.thorough
def test_nothing_is_lost_doubled_or_shown_while_one_machine_after_another_dies(figure: Callable[..., None]) -> None:
    trial = course.run()
    assert trial.verdict.wrong == []
    assert trial.verdict.acknowledged > 50
    assert trial.crowd.notes.withdrawn, "nothing was taken back"
    assert not [answer for answer in trial.during(trial.part(course.DEPLOY)) if answer.failed], "a deploy is felt by nobody"
    figure("machines.acknowledged", trial.verdict.acknowledged, unit="receipts, each with one entry cleaned once, over the faults")
    figure("machines.seen_after", round(trial.crowd.notes.seen_after, 1), goal="<= 60", unit="s that what was taken back was shown")
