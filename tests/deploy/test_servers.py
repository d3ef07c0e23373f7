"""The files for broker and database are understood by real ones, and keep nothing about anybody."""

import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text

from memes import broker, valkey
from memes.settings import Settings
from tests.trial.servers import Memory, until
from workers.app import ENTRIES, make_celery

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_the_broker_keeps_neither_a_file_nor_a_command() -> None:
    with tempfile.TemporaryDirectory(prefix="im-") as folder:
        words = (DEPLOY / "valkey.conf").read_text().replace("/run/instamemes-valkey", folder)
        (Path(folder) / "valkey.conf").write_text(words)
        socket = Path(folder) / "valkey.sock"
        program = valkey.command(socket)[0]
        server = subprocess.Popen([program, f"{folder}/valkey.conf"], stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 20
            while not (socket.exists() and valkey.answers(socket)):
                assert time.monotonic() < deadline, "it did not start"
                time.sleep(0.05)
            with redis.Redis(unix_socket_path=str(socket)) as client:
                client.set("a", "canary")
                assert client.slowlog_get() == []
                with pytest.raises(redis.ResponseError, match="unknown command"):
                    client.execute_command("MONITOR")
                assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
                assert client.config_get("port") == {"port": "0"}
        finally:
            server.terminate()
            server.wait(20)
        assert sorted(path.name for path in Path(folder).iterdir() if path.is_file()) == ["valkey.conf"]


def test_another_server_takes_the_place_of_a_dead_broker_and_nothing_is_written_anywhere() -> None:
    with tempfile.TemporaryDirectory(prefix="im-") as folder:
        memory = Memory(Path(folder))
        try:
            memory.start()
            client, queue = broker.client(memory.url, 1), make_celery(Settings(Path(folder), "k" * 64, "sqlite://", memory.url, ""))
            client.set("a", "canary")
            assert client.wait(1, 5000) == 1, "the other one has it too"
            assert (client.config_get("save"), client.slowlog_get()) == ({"save": ""}, [])
            with pytest.raises(redis.ResponseError, match="unknown command"):
                client.execute_command("MONITOR")
            memory.machines[0].kill()
            until(lambda: memory.master() == 1, "the sentinels have named the other one")
            assert client.get("a") == b"canary"
            queue.send_task("one that nobody takes", retry=False)
            assert client.llen(ENTRIES) == 1
            client.close()
            queue.close()
        finally:
            for machine in memory.machines:
                machine.kill()
        assert not [path.name for path in Path(folder).iterdir() if path.suffix not in (".conf", ".log")]
        assert not [path for path in Path(folder).iterdir() if b"canary" in path.read_bytes()]


def test_the_database_understands_every_line(postgresql: str) -> None:
    lines = [
        line for name in ("postgresql.conf", "machines/postgresql.conf")
        for line in (DEPLOY / name).read_text().splitlines() if line and line[0] != "#"
    ]  # fmt: skip
    assert len(lines) > 20
    engine = create_engine(postgresql.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for line in lines:  # written aside, checked, and forgotten without ever being used
            name, value = (part.strip(" '") for part in line.split("="))
            connection.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
        connection.execute(text("ALTER SYSTEM RESET ALL"))
    engine.dispose()


def test_the_service_reaches_this_machine_alone_and_sees_no_history() -> None:
    unit = (DEPLOY / "systemd" / "instamemes.service").read_text()
    lines = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and line[0] != "#")
    assert (lines["IPAddressDeny"], lines["IPAddressAllow"]) == ("any", "localhost")
    assert {"-/srv/instamemes/.git", "-/srv/instamemes/tests"} <= set(lines["InaccessiblePaths"].split())
    assert (lines["ProtectSystem"], lines["ProtectHome"], lines["NoNewPrivileges"]) == ("strict", "yes", "yes")
    assert (lines["CapabilityBoundingSet"], lines["UMask"], lines["LimitCORE"], lines["User"]) == ("", "0077", "0", "instamemes")
