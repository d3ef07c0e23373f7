"""The files for many machines fit the program, and promise no less than those for one."""

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

import wsgi
from memes import supervisor
from memes.settings import Settings

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


SERVERS = ["instamemes-memory", "instamemes-nginx", "instamemes-proxy", "instamemes-sentinel", "instamemes-valkey"]


@pytest.mark.parametrize("unit", SERVERS)
def test_no_server_of_ours_swaps_dumps_its_memory_or_stays_dead(unit: str) -> None:
    assert {"MemorySwapMax=0", "LimitCORE=0", "Restart=always", "ProtectSystem=strict", "PrivateTmp=yes"} <= lines(unit)


@pytest.mark.parametrize("unit", SERVERS)
def test_no_server_of_ours_may_do_more_than_the_platform_but_nginx_becomes_another_user(unit: str) -> None:
    kinds = ("Protect", "Private", "Restrict", "Lock", "NoNew", "SystemCall")
    assert {line for line in lines("instamemes") if line.startswith(kinds)} <= lines(unit)
    (capabilities,) = (line.partition("=")[2].split() for line in lines(unit) if line.startswith("CapabilityBoundingSet="))
    becomes_another = {"CAP_NET_BIND_SERVICE", "CAP_CHOWN", "CAP_SETUID", "CAP_SETGID"}
    assert set(capabilities) == (becomes_another if unit in ("instamemes-nginx", "instamemes-proxy") else set())


@pytest.mark.parametrize("unit", ["instamemes-nginx", "instamemes-proxy"])
def test_nginx_comes_through_to_where_it_keeps_what_is_larger_than_memory_and_outlives_the_platform(unit: str) -> None:
    assert {"RuntimeDirectory=instamemes", "RuntimeDirectoryMode=0711"} <= lines(unit), "root's; who writes is another user"
    assert not [line for line in lines(unit) if line.startswith(("BindsTo=", "Requires=", "PartOf="))]
    assert "RuntimeDirectory=instamemes" not in lines("instamemes") | lines("instamemes@"), "it would end with the platform"


SERVICES = yaml.safe_load((DEPLOY / "machines" / "compose.yml").read_text())["services"]
DOCKERFILE = (DEPLOY / "machines" / "Dockerfile").read_text()
COPIED = [name for line in DOCKERFILE.splitlines() if line.startswith("COPY") for name in line.split()[1:-1]]
#: Folders and files that may lie beside the program and must be in no image.
SECRET = ("var/secret.key", "deploy/machines/env", "deploy/machines/proxy/privkey.pem", ".git/config", ".venv/pyvenv.cfg")


class Asked(dict[str, str]):
    """An environment that notes what it is asked for."""

    def __init__(self, words: dict[str, str]) -> None:
        super().__init__(words)
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(name)
        return super().get(name, default)


def test_containers_run_what_the_command_knows_and_show_one_port() -> None:
    commands = {name: service["command"] for name, service in SERVICES.items() if name != "proxy"}
    assert {words[1] for name, words in commands.items() if name != "schema"} == set(supervisor.PARTS)
    assert all(words[0] in wsgi.cli.commands for words in commands.values())
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    port = re.search(r"PORT=(\d+)", DOCKERFILE)
    assert port
    assert SERVICES["web"]["expose"] == [port[1]]
    assert f":{port[1]}/healthz" in SERVICES["web"]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_container_writes_nothing_down_and_may_do_no_more_than_it_must(service: dict[str, object]) -> None:
    assert service["logging"] == {"driver": "none"}
    assert service["read_only"] is True
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert service["ulimits"] == {"core": 0}
    assert service["mem_limit"] == service["memswap_limit"], "what is more than memory would be swapped to a disk"


def test_only_the_proxy_is_root_and_the_home_in_memory_belongs_to_the_user_of_the_image() -> None:
    user = re.search(r"useradd .*--uid (\d+)", DOCKERFILE)
    assert user
    assert f"/var/lib/instamemes:uid={user[1]},mode=0700" in SERVICES["web"]["tmpfs"]
    assert "\nUSER instamemes\n" in DOCKERFILE
    assert [name for name, service in SERVICES.items() if "cap_add" in service] == ["proxy"]


def test_the_image_is_made_of_all_it_needs_and_no_secret_is_shown_to_whoever_builds_it() -> None:
    assert all((ROOT / name).exists() for name in COPIED)
    assert {"memes", "moderation", "workers", "templates", "static", "translations", "migrations"} <= set(COPIED)
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert rules[0] == "*", "what is not named stays out"
    assert {rule[1:] for rule in rules if rule[0] == "!"} == set(COPIED)
    assert not [path for path in SECRET if path.split("/")[0] in COPIED]


def test_secrets_of_containers_are_not_put_into_the_repository() -> None:
    rules = [line for line in (ROOT / ".gitignore").read_text().splitlines() if line.startswith("/")]
    for path in SECRET[:3]:
        assert any(fnmatch(f"/{path}", rule + "*") for rule in rules), path


def test_every_setting_that_is_written_down_is_one_that_is_read() -> None:
    example = (DEPLOY / "instamemes.env.example").read_text()
    written = {*re.findall(r"^([A-Z_]+)=", example, re.MULTILINE), *re.findall(r"([A-Z_]+)=", DOCKERFILE.rpartition("ENV ")[2])}
    asked = Asked({"SECRET_KEY": "k" * 64, "INSTAMEMES_ENTRY_KEY": "0" * 64, "INSTAMEMES_ENV": "production"})
    Settings.from_env(asked)
    assert written - asked.names - {"INSTAMEMES_BACKUP_KEY"} == set()  # that one is for `instamemes backup` alone


def test_the_handbook_makes_the_proxy_s_file_for_containers() -> None:
    command = re.search(r"^    sed ((?:-e '[^']+'\s*\\?\s*)+)\.\./nginx\.conf", (DEPLOY / "README.md").read_text(), re.MULTILINE)
    assert command
    words = re.findall(r"'([^']+)'", command[1])
    made = subprocess.run(["sed", *(word for part in words for word in ("-e", part)), DEPLOY / "nginx.conf"],
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert "\nuser nginx;\n" in made
    assert "server web:8000 resolve max_fails=0;" in made
    assert "127.0.0.1:8000" not in made
    assert len(set(made.splitlines()) - set((DEPLOY / "nginx.conf").read_text().splitlines())) == len(words)


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
