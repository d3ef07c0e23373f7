"""The servers of a large installation, with the settings that `deploy/` holds: databases, memory, pictures, proxy."""

import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import boto3.session
import redis
from sqlalchemy import NullPool, create_engine, text

from memes import broker, valkey
from tests import servers, tools
from tests.trial.programs import ROOT, Machine, free_port, listens

DEPLOY = ROOT / "deploy"
SECRET, BUCKET = "between-machines", "pictures"


def until(true: Callable[[], bool], what: str, seconds: float = 90) -> float:
    """Wait until it is true; the seconds it took."""
    start = time.monotonic()
    while not true():
        if time.monotonic() > start + seconds:
            raise SystemExit(f"The trial waited {seconds:.0f} s in vain until {what}.")
        time.sleep(0.1)
    return time.monotonic() - start


class Databases:
    """Three PostgreSQL servers: one writes, two copy it, any may take its place."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        install, self._user = servers._install(folder)
        self._tools, self._folder = install / "bin", folder
        self.ports = [free_port() for _ in range(3)]
        self._data = [folder / f"database-{number}" for number in range(3)]
        self.machines = [
            Machine(path.name, [self._tools / "postgres", "-D", path], folder, user=self._user) for path in self._data
        ]  # fmt: skip
        self.url = self._address("read-write")
        self.copies_url = self._address("prefer-standby")

    def start(self) -> None:
        """Make the first, copy it twice, and make the platform's database."""
        first = self._data[0]
        self._made(first)
        self._run("initdb", "-D", first, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        with (first / "postgresql.conf").open("a") as file:
            file.write("include '/etc/instamemes/postgresql.conf'\n".replace("/etc/instamemes", str(self._folder)))
        words = [(DEPLOY / name / "postgresql.conf").read_text() for name in (".", "machines")]
        hosts = f"host={','.join(['127.0.0.1'] * 3)} port={','.join(map(str, self.ports))}"
        words.append(f"primary_conninfo = '{hosts} user=postgres target_session_attrs=read-write connect_timeout=2'\n")
        words.append("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n")
        (self._folder / "postgresql.conf").write_text("\n".join(words))
        self._listen(0)
        # Nobody copies it yet, and it waits for who does: the first words are written without.
        early = Machine("database-0", [self._tools / "postgres", "-D", first, "-c", "synchronous_standby_names="],
                        self._folder, user=self._user)  # fmt: skip
        early.start()
        until(lambda: self.answers(0), "the first database answers")
        for number in (1, 2):
            self._made(self._data[number])
            self._run("pg_basebackup", "-h", "127.0.0.1", "-p", str(self.ports[0]), "-U", "postgres", "-D", self._data[number],
                      "-c", "fast")  # fmt: skip
            (self._data[number] / "standby.signal").touch()
            self._listen(number)
        early.stop()
        for machine in self.machines:
            machine.start()
        until(lambda: all(map(self.answers, range(3))), "all databases answer")
        until(lambda: self.ask(0, "SELECT count(*) FROM pg_stat_replication") == 2, "two copy the first")
        self.ask(0, "CREATE DATABASE instamemes")

    def answers(self, number: int) -> bool:
        """Whether this one can be asked."""
        return subprocess.run([self._tools / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.ports[number])],
                              check=False).returncode == 0  # fmt: skip

    def ask(self, number: int, statement: str, database: str = "postgres") -> object:
        """The one value that a statement gives, or None."""
        engine = create_engine(f"postgresql+psycopg://postgres@127.0.0.1:{self.ports[number]}/{database}",
                               isolation_level="AUTOCOMMIT", poolclass=NullPool)  # fmt: skip
        with engine.connect() as connection:
            found = connection.execute(text(statement))
            return found.scalar() if found.returns_rows else None

    def furthest(self, *numbers: int) -> int:
        """Of these copies the one that has heard most: it has everything that anybody was told is safe."""
        return max(numbers, key=lambda number: _position(str(self.ask(number, "SELECT pg_last_wal_receive_lsn()"))))

    def promote(self, number: int) -> None:
        """By hand, as the handbook says."""
        assert self.ask(number, "SELECT pg_promote()") is True

    def _address(self, which: str) -> str:
        hosts = "&".join(f"host=127.0.0.1:{port}" for port in self.ports)
        return f"postgresql://postgres@/instamemes?{hosts}&target_session_attrs={which}&connect_timeout=2"

    def _made(self, path: Path) -> None:
        path.mkdir(mode=0o700)
        if self._user:
            shutil.chown(path, self._user)

    def _listen(self, number: int) -> None:
        with (self._data[number] / "postgresql.auto.conf").open("w") as file:
            file.write(f"port = {self.ports[number]}\ncluster_name = 'database_{number}'\n")

    def _run(self, program: str, *words: str | Path) -> None:
        who = {"user": self._user} if self._user else {}
        subprocess.run([self._tools / program, *words], check=True, cwd="/", stdout=subprocess.DEVNULL, **who)


def _position(lsn: str) -> int:
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


class Memory:
    """Two Valkey servers and three sentinels."""

    def __init__(self, folder: Path) -> None:
        self.ports = [free_port() for _ in range(2)]
        self.watching = [free_port() for _ in range(3)]
        program = valkey.command(folder / "none.sock")[0]
        (folder / "common.conf").write_text((DEPLOY / "valkey.conf").read_text().replace("/run/instamemes-valkey", str(folder)))
        self.machines = []
        for number, port in enumerate(self.ports):
            own = f"bind 127.0.0.1\nport {port}\nrequirepass {SECRET}\nmasterauth {SECRET}\n"
            own += f"replicaof 127.0.0.1 {self.ports[0]}\n" if number else ""
            (folder / f"own-{number}.conf").write_text(own)
            words = (DEPLOY / "machines" / "valkey.conf").read_text()
            words = words.replace("/srv/instamemes/deploy/valkey.conf", str(folder / "common.conf"))
            words = words.replace("/etc/instamemes/valkey.conf", str(folder / f"own-{number}.conf"))
            (folder / f"memory-{number}.conf").write_text(words.replace("/run/instamemes-valkey", str(folder)))
            self.machines.append(Machine(f"memory-{number}", [program, folder / f"memory-{number}.conf"], folder))
        for number, port in enumerate(self.watching):
            words = (DEPLOY / "machines" / "sentinel.conf").read_text().replace("port 26379", f"port {port}")
            words = words.replace("memory-1 6379", f"127.0.0.1 {self.ports[0]}").replace("/run/instamemes-sentinel", str(folder))
            words += f"bind 127.0.0.1\nrequirepass {SECRET}\nsentinel sentinel-pass {SECRET}\n"
            words += f"sentinel auth-pass instamemes {SECRET}\n"
            (folder / f"sentinel-{number}.conf").write_text(words)
            self.machines.append(Machine(f"sentinel-{number}", [program, folder / f"sentinel-{number}.conf", "--sentinel"], folder))
        self.url = f"sentinel://:{SECRET}@{','.join(f'127.0.0.1:{port}' for port in self.watching)}/instamemes"

    def start(self) -> None:
        """Until every sentinel knows the others and the copy."""
        for machine in self.machines:
            machine.start()
        until(lambda: all(map(listens, [*self.ports, *self.watching])), "memory and sentinels answer")
        until(lambda: all(map(self._sees_all, self.watching)), "the sentinels know each other")

    def master(self) -> int:
        """The number of the one that is written to now; -1 while there is none."""
        with broker.client(self.url, 1) as client:
            try:
                client.set("trial", 1, ex=5)
                return self.ports.index(client.connection_pool.get_master_address()[1])  # type: ignore[attr-defined]
            except redis.RedisError:
                return -1

    @staticmethod
    def _sees_all(port: int) -> bool:
        with redis.Redis("127.0.0.1", port, password=SECRET, socket_timeout=1, decode_responses=True) as sentinel:
            told = sentinel.execute_command("SENTINEL", "MASTER", "instamemes")
        told = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
        return (int(told["num-slaves"]), int(told["num-other-sentinels"])) == (1, 2)


def pictures(folder: Path) -> tuple[Machine, dict[str, str]]:
    """An S3-compatible store in a process of its own, and what its users must be told; it has a bucket."""
    port = free_port()
    told = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "trial", "AWS_SECRET_ACCESS_KEY": "trial",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}  # fmt: skip
    machine = Machine("pictures", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], folder)
    machine.start()
    until(lambda: listens(port), "the store of pictures answers")
    os.environ.update(told)
    boto3.session.Session().client("s3").create_bucket(Bucket=BUCKET)
    return machine, told


def proxy(folder: Path, ports: Sequence[int]) -> tuple[Machine, int]:
    """nginx with the platform's own file in front of web processes on these ports; its port."""
    port = free_port()
    (folder / "run").mkdir()
    words = (DEPLOY / "nginx.conf").read_text()
    each = "\n".join(f"        server 127.0.0.1:{upstream} fail_timeout=2s;" for upstream in ports)
    for written, meant in (
        ("user instamemes;", f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.geteuid() == 0 else ""),
        ("/run/instamemes", f"{folder}/run"), ("/var/lib/instamemes/media/", f"{folder}/media/"),
        ("/etc/instamemes/listen.conf", f"{folder}/listen.conf"), ("        server 127.0.0.1:8000 fail_timeout=2s;", each),
    ):  # fmt: skip
        assert written in words, written
        words = words.replace(written, meant)
    (folder / "nginx.conf").write_text(words)
    (folder / "listen.conf").write_text(f"listen 127.0.0.1:{port};\nserver_name localhost;\n")
    program = os.environ.get("NGINX") or tools.nginx()
    assert program, "Needs nginx."
    machine = Machine("proxy", [program, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"], folder)
    machine.start()
    until(lambda: listens(port), "the proxy answers")
    return machine, port
