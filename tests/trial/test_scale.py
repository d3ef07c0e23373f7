"""The arithmetic and the plots of docs/scale.md, from costs that are known."""

from dataclasses import replace

import pytest
from lxml import etree

from benchmarks import _arithmetic as sums
from benchmarks import scale
from benchmarks._plot import plot

COSTS = sums.Costs(
    page_made=0.004, page_kept=0.0002, page_in_database=0.001, story_sent=0.03, picture_sent=0.05, picture_cleaned=0.6,
    page_bytes=10_000, picture_shown_bytes=30_000, picture_stored_bytes=500_000, entry_in_database_bytes=2_000,
)  # fmt: skip


def test_a_launch_day_is_what_its_parts_cost() -> None:
    told = replace(
        sums.ASSUMED, launch_day_entries=3600, launch_day_visits=0, launch_share_in_the_busiest_hour=1, share_with_picture=0.5,
        load_that_leaves_room=1, seconds_to_read_an_entry=36, hours_of_reading_a_day=4,
    )  # fmt: skip
    load = sums.launch(COSTS, told)
    assert load.web_cores == pytest.approx(0.5 * 0.03 + 0.5 * 0.05), "one sending a second"
    assert load.worker_cores == pytest.approx(0.5 * 0.6)
    assert (load.reading_hours, load.readers) == (pytest.approx(36), pytest.approx(9))
    assert load.pictures_gb == pytest.approx(1800 * 500_000 / 1e9)


def test_what_breaks_first_is_asked_exactly_once_too_much_where_it_breaks() -> None:
    for what in sums.ENGINES:
        assert sums.strain(sums.year(sums.breaks_at(what, COSTS), COSTS))[what] == pytest.approx(1)


def test_the_page_names_every_cost_and_every_assumption_and_holds_its_width() -> None:
    page = scale.page(COSTS)
    for name, _value in (*sums.named(COSTS), *sums.named(sums.ASSUMED)):
        assert f"| {name} |" in page
    assert max(len(line) for line in page.splitlines() if not line.startswith("|")) <= 132


def test_a_plot_is_whole_and_every_point_lies_inside() -> None:
    drawn = etree.fromstring(plot("A & B", "x", "y", [10, 100, 1000], {"one": [1, 5, 80], "two": [0.02, 0.1, 0.5]}))
    points = [point for line in drawn.iter("{http://www.w3.org/2000/svg}polyline") for point in line.attrib["points"].split()]
    assert len(points) == 6
    assert all(0 < float(point.split(",")[0]) < 720 and 0 < float(point.split(",")[1]) < 420 for point in points)
