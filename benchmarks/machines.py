"""A large installation on one machine: three databases, memory with sentinels, S3, nginx, three web machines, two workers, a clock.

Everything is real and has the settings of `deploy/`; one part after another is killed (SIGKILL) while children send and take
back, a moderator approves, and readers read. Times are those of one machine on which all of it runs at once.
"""

from itertools import pairwise

from benchmarks._goals import goal
from tests.trial import course
from tests.trial.course import Part, Trial
from tests.trial.people import Answer

TITLE = "Many machines, killed one after another"


def measure() -> str:
    """What happened to answers at each death, and what was true at the end."""
    trial = course.run()
    rows = [_row(trial, part) for part in trial.parts]
    head = ("what happens", "answers", "failed: reading", "failed: sending", "longest without a page", "longest without a sending",
            "slowest page (95 %)")  # fmt: skip
    table = "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))
    return f"{table}\n\n{_end(trial)}"


def _row(trial: Trial, part: Part) -> tuple[str, ...]:
    during = trial.during(part)
    reading = [answer for answer in during if answer.kind != "sending"]
    sending = [answer for answer in during if answer.kind == "sending"]
    took = sorted(answer.ended - answer.began for answer in reading if not answer.failed)
    return (
        part.what, str(len(during)), str(sum(answer.failed for answer in reading)), str(sum(answer.failed for answer in sending)),
        f"{_gap(reading, part):.1f} s", f"{_gap(sending, part):.1f} s",
        f"{1000 * took[int(0.95 * len(took))]:.0f} ms" if took else "-",
    )  # fmt: skip


def _gap(answers: list[Answer], part: Part) -> float:
    """The longest time without any good answer, from the first second of the part to its last."""
    good = sorted(answer.ended for answer in answers if not answer.failed)
    return max(late - early for early, late in pairwise([part.began, *good, part.ended]))


def _end(trial: Trial) -> str:
    told, seconds = trial.verdict, trial.parts[-1].ended - trial.parts[0].began
    if told.wrong:
        raise SystemExit("\n".join(["The trial found what must not be:", *told.wrong]))
    goal("something is still shown after it was taken back", "at most 60 s", f"{trial.crowd.notes.seen_after:.1f} s",
         trial.crowd.notes.seen_after <= 60)  # fmt: skip
    goal("sendings acknowledged while one part after another is killed", "none lost, none twice",
         f"{told.acknowledged}, each there once", not told.wrong)  # fmt: skip
    failed = sum(answer.failed for answer in trial.during(trial.part(course.DEPLOY)))
    goal(course.DEPLOY, "no answer fails", f"{failed} failed", not failed)
    return (
        f"{seconds:.0f} seconds. At the end {told.acknowledged} receipts had been shown: each opens one entry that was sent once\n"
        f"and cleaned once, and no entry is without one. {told.approved} are public, all of them approved; {told.withdrawn} were\n"
        f"taken back, and no page, picture or list shows them. {told.pictures} clean pictures lie in the store, encrypted, no\n"
        f"original is left, and the chain of the log is whole. After the last sending the workers needed {trial.drained:.0f} s\n"
        f"for what waited. Longest that something was shown after it had been taken back: {trial.crowd.notes.seen_after:.1f} s."
        "\n\nA failed sending was repeated with the same key, as the page does it, until it was acknowledged.\n"
        f"A person is taken to need {course.PERSON:.0f} s before they promote a copy."
    )
