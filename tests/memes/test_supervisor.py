"""`instamemes up`: what it refuses before it starts anything, and the whole of it running."""

import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from sqlalchemy import text

import wsgi
from memes import db, supervisor
from memes.errors import ConfigurationError
from memes.settings import Settings

PATIENCE = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_second_run_on_the_same_home_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.from_env({"INSTAMEMES_HOME": str(tmp_path)})
    with (tmp_path / "up.lock").open("w") as held:
        held.write("4711\n")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)

        assert supervisor.run(settings) == 1

    assert f"Already running in {tmp_path} (process 4711)." in capsys.readouterr().err


def test_a_busy_port_is_refused_before_anything_is_started(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings.from_env({"INSTAMEMES_HOME": str(tmp_path), "PORT": str(port)})

        assert supervisor.run(settings) == 1

    assert f"Cannot serve on 127.0.0.1, port {port}: Address already in use." in capsys.readouterr().err
    assert not (tmp_path / "instamemes.db").exists()


def test_a_busy_port_for_the_figures_is_refused_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = {"INSTAMEMES_HOME": str(tmp_path), "PORT": str(free_port()), "INSTAMEMES_METRICS_PORT": str(port)}

        assert supervisor.run(Settings.from_env(told)) == 1

    assert f"Cannot serve on 127.0.0.1, port {port}: Address already in use." in capsys.readouterr().err


def test_pages_and_figures_do_not_share_a_port(tmp_path: Path) -> None:
    told = {"INSTAMEMES_HOME": str(tmp_path), "PORT": "8123", "INSTAMEMES_METRICS_PORT": "8123"}
    with pytest.raises(ConfigurationError, match="INSTAMEMES_METRICS_PORT"):
        Settings.from_env(told)


def test_a_database_that_does_not_answer_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.from_env(
        {
            "INSTAMEMES_HOME": str(tmp_path),
            "PORT": str(free_port()),
            "DATABASE_URL": f"postgresql://127.0.0.1:{free_port()}/none?connect_timeout=2",
        }
    )

    assert supervisor.run(settings) == 1

    assert "The database could not be brought up to date" in capsys.readouterr().err


def test_a_part_alone_does_not_start_on_a_schema_older_than_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings.from_env({"INSTAMEMES_HOME": str(tmp_path), "REDIS_URL": "redis://elsewhere"})
    db.upgrade(settings.database_url, "0001")
    assert supervisor.run(settings, only="beat") == 1
    assert "run `instamemes db upgrade` once" in capsys.readouterr().err
    with db.Database(settings.database_url) as database, database.writing() as session:
        assert db.revision(session) == "0001", "it changes nothing itself"
        session.execute(text("UPDATE alembic_version SET version_num = 'of the next release'"))
    assert not db.behind(settings.database_url), "the next release has widened it already"


def test_a_part_alone_needs_a_broker_that_others_reach(tmp_path: Path) -> None:
    told = CliRunner().invoke(wsgi.cli, ["up", "worker"], obj=Settings.from_env({"INSTAMEMES_HOME": str(tmp_path)}))
    assert told.exit_code == 2
    assert "REDIS_URL" in told.output


def test_the_parts_read_the_same_settings_and_little_else(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "INSTAMEMES_HOME": str(tmp_path),
            "INSTAMEMES_LIMITS": "off",
            "INSTAMEMES_WEB_WORKERS": "3",
            "INSTAMEMES_WORKERS": "1",
            "INSTAMEMES_TRUSTED_PROXIES": "1",
            "INSTAMEMES_RESEND_AFTER": "9",
            "DATABASE_URL": "postgres://somewhere/db",
            "DATABASE_REPLICA_URL": "postgresql://elsewhere/db",
            "REDIS_URL": "redis://somewhere",
            "MEDIA_URL": "s3://bucket/prefix",
            "HOST": "0.0.0.0",  # noqa: S104 - nothing is served
            "PORT": "8123",
            "INSTAMEMES_METRICS_PORT": "9464",
        }
    )

    passed_on = supervisor.parts_environment(settings, {"PATH": "/bin", "PGPASSWORD": "p", "SSH_AUTH_SOCK": "s"})

    assert Settings.from_env(passed_on) == settings
    assert passed_on["PATH"] == "/bin"
    assert passed_on["PGPASSWORD"] == "p"
    assert "SSH_AUTH_SOCK" not in passed_on


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Running:
    """`instamemes up` in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.port, self.metrics = free_port(), free_port()
        self.home = home
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
        self.log = home.parent / "up.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "import wsgi; wsgi.cli()", "up"],
                env=environment | {"INSTAMEMES_HOME": str(home), "PORT": str(self.port), "INSTAMEMES_WORKERS": "1",
                                   "INSTAMEMES_METRICS_PORT": str(self.metrics)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1) as answer:  # noqa: S310
                    assert answer.status == 200
                    return
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.05)

    def figures(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics", timeout=20) as answer:
                    return str(answer.read().decode())
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.05)

    def part(self, word: str) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if any(word in argument for argument in child.cmdline()))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path / "home")
    yield made
    made.process.kill()
    made.process.wait()


def test_everything_starts_survives_the_death_of_a_part_and_stops_without_a_trace(running: Running) -> None:
    running.wait_for("Stop with Ctrl-C.")
    said = running.log.read_text()
    assert f"http://127.0.0.1:{running.port}/\n" in said
    assert f"http://127.0.0.1:{running.port}/desk/\n" in said
    assert ".venv/bin/instamemes moderators add you@example.org --role admin" in said
    assert stat.S_IMODE(running.home.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in running.home.rglob("*"))

    assert (running.part("worker").nice(), running.part("granian").nice()) == (min(19, os.nice(0) + 10), os.nice(0))
    if (group := Path(f"/proc/{running.part('worker').pid}/autogroup")).exists():
        nice, deadline = running.part("worker").nice(), time.monotonic() + PATIENCE
        while not group.read_text().endswith(f"nice {nice}\n"):
            assert time.monotonic() < deadline, "its session has the priority of any other"
            time.sleep(0.05)
    assert running.part("granian").environ()["MALLOC_ARENA_MAX"] == "1"
    running.part("granian").send_signal(signal.SIGKILL)
    running.wait_for("The web part died (signal 9, SIGKILL). Starting it again")
    running.wait_until_healthy()
    everybody = psutil.Process(running.process.pid).children(recursive=True)
    assert len(everybody) >= 6
    assert 'instamemes_ready{part="media"} 1.0\n' in running.figures()

    running.process.send_signal(signal.SIGTERM)

    assert running.process.wait(PATIENCE) == 0
    assert not [process for process in everybody if runs(process)]
    assert "Traceback" not in running.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a process to its parent's life")
def test_nothing_survives_when_it_is_killed(running: Running) -> None:
    running.wait_for("Stop with Ctrl-C.")
    everybody = psutil.Process(running.process.pid).children(recursive=True)

    running.process.kill()

    deadline = time.monotonic() + PATIENCE
    while any(runs(process) for process in everybody):
        assert time.monotonic() < deadline, [process for process in everybody if runs(process)]
        time.sleep(0.05)
