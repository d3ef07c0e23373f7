"""The files for many machines fit the program, and promise no less than those for one."""

import re
from pathlib import Path

import pytest
import yaml

import wsgi
from memes import supervisor

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def lines(unit: str) -> set[str]:
    words = (DEPLOY / "systemd" / f"{unit}.service").read_text()
    return {line for line in words.splitlines() if line and line[0] != "#"}


def test_a_part_alone_may_do_no_more_than_the_whole_but_speak_to_its_network() -> None:
    missing = lines("instamemes") - lines("instamemes@")
    kept = {line for line in missing if not line.startswith(("Description=", "After=", "Wants=", "ExecStart="))}
    assert kept == {"IPAddressAllow=localhost", "Restart=on-failure"}
    assert "IPAddressAllow=localhost 10.0.0.0/8" in lines("instamemes@")


@pytest.mark.parametrize("unit", ["instamemes-memory", "instamemes-sentinel", "instamemes-proxy"])
def test_no_server_of_ours_swaps_dumps_its_memory_or_stays_dead(unit: str) -> None:
    assert {"MemorySwapMax=0", "LimitCORE=0", "Restart=always", "ProtectSystem=strict", "PrivateTmp=yes"} <= lines(unit)


def test_containers_run_what_the_command_knows_write_nothing_down_and_show_one_port() -> None:
    services = yaml.safe_load((DEPLOY / "machines" / "compose.yml").read_text())["services"]
    commands = {name: service["command"] for name, service in services.items() if name != "proxy"}
    assert {words[1] for name, words in commands.items() if name != "schema"} == set(supervisor.PARTS)
    assert all(words[0] in wsgi.cli.commands for words in commands.values())
    assert {service["logging"]["driver"] for service in services.values()} == {"none"}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert {service["read_only"] for name, service in services.items() if name != "proxy"} == {True}


def test_the_image_is_made_of_folders_that_there_are() -> None:
    words = (DEPLOY / "machines" / "Dockerfile").read_text()
    copied = [line.split()[1:-1] for line in words.splitlines() if line.startswith("COPY")]
    assert all((ROOT / name).exists() for names in copied for name in names)
    for folder in ("memes", "moderation", "workers", "templates", "static", "translations", "migrations"):
        assert [folder] in copied


#: The last migration that came before there were many machines.
BEFORE_MANY = "0032"
#: What takes away or narrows. A migration may that says since which one (`CONTRACTS = "0033"`) no program uses it any more.
NARROWS = re.compile(r"op\.drop_(?!index)|\.drop_column|\.alter_column|\bDROP (?:TABLE|COLUMN)|\bRENAME\b|rename_table")


def test_a_migration_widens_or_says_who_stopped_using_what_it_takes_away() -> None:
    for path in sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py")):
        words = path.read_text()
        upgrade = words.partition("def upgrade()")[2].partition("def downgrade()")[0]
        if path.name[:4] > BEFORE_MANY and NARROWS.search(upgrade):
            since = re.search(r'^CONTRACTS = "(\d{4})"$', words, re.MULTILINE)
            assert since, f"{path.name} takes something away from the program of the release before"
            assert since[1] < path.name[:4]


def test_the_handbook_names_every_file() -> None:
    told = (DEPLOY / "README.md").read_text()
    assert [path.name for path in (DEPLOY / "machines").iterdir() if f"machines/{path.name}" not in told] == []
    units = [path.name for path in (DEPLOY / "systemd").iterdir()]
    one = {"instamemes.service", "instamemes-nginx.service", "instamemes-valkey.service"}
    assert [name for name in units if name not in one and name not in told] == []
