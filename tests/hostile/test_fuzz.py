"""The command that changes files at random finds what is wrong, keeps the smallest file that shows it, and finds nothing here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile import fuzz
from tests.hostile.cages import Cages, Judged


def test_a_file_that_brings_the_process_down_is_kept_and_made_small(tmp_path: Path) -> None:
    def judge(data: bytes) -> Judged:
        return Judged(None, "damaged", 0, 0, 11 if data.startswith(b"GIF8") and len(data) > 20 else 0)

    tally = fuzz.run(600, tmp_path, judge, most=1)
    [kept] = tmp_path.iterdir()
    assert tally.failing == {kept.name}
    assert kept.read_bytes().startswith(b"GIF8")
    assert len(kept.read_bytes()) < fuzz.LARGEST // 10, "how small depends on how much time Hypothesis had"


def test_a_long_run_leaves_its_result_on_the_page_instead_of_the_one_before() -> None:
    before = fuzz.note(fuzz.PAGE.read_text(encoding="utf-8"), fuzz.Tally(files=100), 7)
    after = fuzz.note(before, fuzz.Tally(files=200, failing={"abc"}), 8)
    assert "100 files" in before
    assert "100 files" not in after
    assert after.endswith("first seed 8, written by `--note`:\n\n200 files: ; at most 0.00 s of CPU and 0 MB; failing: 1.\n")
    assert after.startswith(before.partition(fuzz.LAST)[0])


@pytest.mark.thorough
def test_files_changed_at_random_bring_nothing_down(
    tmp_path: Path, thorough: bool, figure: Callable[..., None]
) -> None:
    if not thorough:
        pytest.skip("there is no time")
    with Cages() as cages:
        tally = fuzz.run(120, tmp_path, cages.judge)
    figure("hostile.changed_files", tally.files, goal=">= 1000", unit="files in two minutes (docs/fuzzing.md: by night)")
    figure("hostile.changed_files_failing", len(tally.failing), goal="= 0", unit="files")
    assert tally.failing == set(), str(tally)
