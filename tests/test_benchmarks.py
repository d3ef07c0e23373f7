"""The table of goals at the head of docs/performance.md."""

from benchmarks import _goals, growth


def test_what_is_measured_again_takes_the_place_of_its_own_lines_alone() -> None:
    with _goals.heard() as first:
        _goals.goal("a page", "under 1 s", "2 s", met=False, why="the machine sleeps")
        table = _goals.table("", "slow", "Two hundred who, slowly, send", first)
    with _goals.heard() as second:
        _goals.goal("a picture", "under 1 s", "0.5 s", met=True)
        table = _goals.table(table, "images", "Cleaning", second)
    assert table.startswith("1 of 2 goals are met.\n")
    assert "| [slow](#two-hundred-who-slowly-send): a page | under 1 s | 2 s | **missed**: the machine sleeps |" in table
    with _goals.heard() as third:
        _goals.goal("a page", "under 1 s", "0.2 s", met=True)
        table = _goals.table(table, "slow", "Two hundred who, slowly, send", third)
    assert table.startswith("2 of 2 goals are met.\n")
    assert table.count("| [slow]") == table.count("| [images]") == 1


def test_what_takes_longer_because_of_more_rows_misses_no_goal() -> None:
    page, answer = growth.Row(rows=(24, 24, 24)), growth.Row(rows=(10, 100, 1_000))
    assert growth._missed((1.0, 1.5, 3.0), page)
    assert not growth._missed((0.1, 0.2, 0.9), page), "nobody sees that"
    assert not growth._missed((1.0, 9.0, 90.0), answer)
    assert growth._missed((1.0, 50.0, 250.0), answer), "more than its rows"
    assert growth._longer((1.0, 9.0, 90.0))
