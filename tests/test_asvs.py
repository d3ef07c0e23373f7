"""docs/asvs.csv: OWASP ASVS 5.0.0, all of levels 1 and 2 and some of 3, each with a test that there is or a reason."""

import ast
import csv
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "asvs.csv"

# levels-begin
#: Section -> the levels of its requirements, in their order (ASVS 5.0.0, 345 in all).
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223", "6.7": "33",
    "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22", "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
# levels-end
LEVEL = {
    f"{section}.{place}": int(level) for section, levels in LEVELS.items() for place, level in enumerate(levels, 1)
}

with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@cache
def names_in(path: Path) -> frozenset[str]:
    """Names of the tests of a file; those of a class as `Class::test`."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


def test_there_are_as_many_requirements_as_the_standard_has() -> None:
    assert Counter(LEVEL.values()) == {1: 70, 2: 183, 3: 92}


def test_every_requirement_of_both_levels_stands_there_once_and_enough_of_the_third(figure: Callable[..., None]) -> None:
    ids = [row["id"] for row in ROWS]
    assert ids == [id_ for id_ in LEVEL if id_ in set(ids)], "in the standard's order, each once"
    assert [id_ for id_, level in LEVEL.items() if level < 3 and id_ not in ids] == []
    third = sum(LEVEL[id_] == 3 and bool(row["test"]) for id_, row in zip(ids, ROWS, strict=True))
    assert third >= 20
    both = [row for row in ROWS if int(row["level"]) < 3]
    apply = [row for row in both if not row["reason"].startswith("Not applicable")]
    figure("asvs.apply", len(apply), goal="all of levels 1 and 2 that apply", unit=f"requirements of {len(both)}")
    figure("asvs.tested", sum(bool(row["test"]) for row in apply), goal="the rest with a written reason", unit="requirements")
    figure("asvs.level_3", third, goal=">= 20", unit="requirements with a test")


def test_every_row_has_tests_that_there_are_or_a_reason() -> None:
    for row in ROWS:
        assert int(row["level"]) == LEVEL[row["id"]], row["id"]
        assert row["asks"], row["id"]
        assert bool(row["test"]) != bool(row["reason"]), f"{row['id']}: one of both"
        for name in row["test"].split():
            path, _, test = name.partition("::")
            assert test in names_in(ROOT / path), f"{row['id']}: {name}"
        if row["reason"]:
            assert row["reason"].startswith(("Not applicable", "Deviation", "Deployment", "By ")), row["id"]
            assert len(row["reason"]) > 20, row["id"]
            for path in re.findall(r"(?:tests|memes|moderation|deploy|docs)/[\w/.-]+\w", row["reason"]):
                assert (ROOT / path).exists(), f"{row['id']}: {path}"


def test_what_a_child_s_anonymity_forbids_is_a_written_deviation() -> None:
    deviations = {row["id"] for row in ROWS if row["reason"].startswith("Deviation")}
    assert {"15.3.4", "16.2.1"} <= deviations
    assert len(deviations) < 12
