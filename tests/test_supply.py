"""Everything that comes from others is named, pinned by its content, and listed."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests import supply

ROOT = supply.ROOT


def pinned(lock: str) -> dict[str, set[str]]:
    """Name and version -> digests of its files."""
    words = re.sub(r"\\\n", " ", (ROOT / lock).read_text(encoding="utf-8"))
    lines = [line for line in words.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return {line.split(";")[0].split()[0]: set(re.findall(r"--hash=sha256:([0-9a-f]{64})", line)) for line in lines}


@pytest.mark.parametrize("lock", supply.LOCKS)
def test_every_library_is_pinned_by_its_hash(lock: str) -> None:
    found = pinned(lock)
    assert len(found) > 50
    for name, digests in found.items():
        assert re.fullmatch(r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==[\w.+!]+", name), "no address, no range"
        assert digests, name
    assert "://" not in re.sub(r"#.*", "", (ROOT / lock).read_text(encoding="utf-8"))
    assert "--require-hashes --only-binary :all:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_list_of_libraries_is_the_lock_file_and_tells_nothing_else(thorough: bool) -> None:
    written = supply.sbom()
    listed = json.loads(written)
    assert (listed["bomFormat"], listed["metadata"]["component"]["name"]) == ("CycloneDX", "instamemes")
    expected = {re.sub(r"\[.*\]", "", name): digests for name, digests in pinned(supply.LOCKS[0]).items()}
    found = {
        f"{one['name']}=={one['version']}": {made["content"] for made in one["hashes"]} for one in listed["components"]
    }
    assert found == expected
    assert re.findall(r"https?://[^\"]+", written) == [listed["$schema"]]
    for word in (str(ROOT), str(Path.home()), "timestamp", "serialNumber"):
        assert word not in written
    if thorough:
        assert supply.sbom() == written, "the same each time"
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, 0, "1 libraries, no known hole"),
        (
            {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]},
            1,
            "mended in 2",
        ),
        ({"dependencies": [{"name": "a", "skip_reason": "not found"}]}, 2, "no all-clear"),
        ({}, 2, "nobody could be asked"),
    ],
)
def test_who_could_not_ask_does_not_say_that_all_is_well(
    answer: object, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert supply.told("x.lock", json.dumps(answer)) == code
    assert words in capsys.readouterr().out


@pytest.mark.thorough
def test_bandit_finds_nothing_high(figure: Callable[..., None]) -> None:
    """As `make lint` asks, with the figure kept."""
    command = [supply.BIN / "bandit", "--quiet", "--format", "json", "--recursive", "memes", "moderation", "workers", "wsgi.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["metrics"]["_totals"]["loc"] > 10_000
    high = [one for one in found["results"] if one["issue_severity"] == "HIGH"]
    figure("bandit.high", len(high), goal="= 0", unit="findings")
    assert high == []
