"""`instamemes up`: everything on one machine with one command. The broker where it is ours, then worker, beat and web.

On many machines each runs one part with the same command (`instamemes up web`), under systemd or in a container (`deploy/`).
"""

import fcntl
import http.client
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from memes import db, listening, output, valkey
from memes.bodies import THREADS
from memes.errors import ConfigurationError
from memes.processes import Part, Supervisor
from memes.settings import Settings, embedded_socket

#: What the parts inherit beside the settings: where programs and folders are, language, time zone, and what the drivers
#: of PostgreSQL, S3 and TLS read by themselves. Nothing else of the environment reaches them.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
INHERITED_PREFIXES = ("INSTAMEMES_", "PG", "AWS_", "SSL_CERT_")

#: The slow hash of a receipt fills 19 MB. With an arena for each of the web's many threads, the C library kept as much for each
#: that had made one: 800 MB after ten seconds of a rush.
_ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}

#: What can run on a machine of its own, in the order in which they start.
PARTS = ("worker", "beat", "web")


def run(settings: Settings, *, demo: bool = False, only: str = "") -> int:
    """Run all parts until asked to stop; the exit code. Says in one sentence why it refuses, if it does.

    With `demo`, invented entries are planted once everything runs. `only` (of PARTS) leaves the others to other machines,
    and the schema to whoever deploys: machines that start at once would all change it.
    """
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until there is something that could begin anew
    mask = os.umask(0o077)  # whatever is written here or by a part is for this user alone
    try:
        with _only_one(settings.home, f"up-{only}" if only else "up"):
            if settings.production and settings.seal_holders is None:
                _complain("INSTAMEMES_SEAL_KEYS is not set: what is sealed can be opened on this server (docs/keys.md).")
            if only in ("", "web"):
                _refuse_busy_port(settings.host, settings.port)
            if only:
                _refuse_old_schema(settings.database_url)
                return Supervisor([_own_parts(settings)[PARTS.index(only)]], _complain).run(lambda: _ready(only))
            if settings.metrics_port:
                _refuse_busy_port("127.0.0.1", settings.metrics_port)
            _upgrade(settings.database_url)
            return _supervise(settings, demo)
    except ConfigurationError as error:
        _complain(str(error))
        return 1
    finally:
        os.umask(mask)


def renew(settings: Settings) -> int:
    """Ask what runs in the home folder to begin anew with the program as it is now; how many were asked."""
    return sum(_tell(settings.home / f"{name}.lock") for name in ("up", *(f"up-{part}" for part in PARTS)))


def _tell(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open("r+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # somebody is there, and it is its number that stands here
            os.kill(int(lock.read()), signal.SIGUSR1)
            return True
    return False


def _supervise(settings: Settings, demo: bool) -> int:
    parts = [*_broker(settings), *_own_parts(settings), *(_demo(settings) if demo else [])]
    try:
        return Supervisor(parts, _complain).run(lambda: _welcome(settings))
    finally:
        folder = embedded_socket(settings.home).parent
        if folder != settings.home:
            with suppress(OSError):
                folder.rmdir()


def _broker(settings: Settings) -> list[Part]:
    if not settings.embedded_redis:
        return []
    path = embedded_socket(settings.home)
    valkey.make_folder(path)
    # It needs no environment at all: its command line says everything.
    return [Part("The Valkey part", valkey.command(path), {}, ready=lambda: valkey.answers(path), patience=5,
                 renewable=False)]  # fmt: skip


def _own_parts(settings: Settings) -> list[Part]:
    python = [sys.executable, "-m"]
    environment = parts_environment(settings, os.environ)
    celery = [*python, "celery", "--quiet", "--app", "workers.app:celery"]
    worker = [
        # Who waits for a page or a receipt goes before pictures that are made ready; they still get every moment that is left.
        "nice", "-n", "10", *celery, "worker", "--pool", "prefork", "--concurrency", str(settings.workers), "--loglevel", "WARNING",
        # Not the machine's name, and none of what several machines would tell each other.
        "--hostname", "worker@instamemes", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip
    beat = [
        *celery, "beat", "--schedule", str(settings.home / "beat-schedule"), "--pidfile", "", "--loglevel", "WARNING",
    ]  # fmt: skip
    web = [
        *python, "granian", "--interface", "wsgi", "wsgi:app", "--host", settings.host, "--port", str(settings.port),
        # One thread works at a time: measured fastest (`bodies`). No access log: it would hold addresses.
        "--workers", str(settings.web_workers), "--blocking-threads", str(THREADS), "--http", "1", "--no-ws",
        # Of each connection; it would be 400 KB, and with 200 uploads at once 80 MB.
        "--http1-buffer-size", "65536",
        "--no-access-log", "--log-level", "warning", "--log-config", str(output.GRANIAN),
        "--respawn-failed-workers", "--workers-kill-timeout", "5",
    ]  # fmt: skip
    return [
        # Asked to stop, the worker gives its tasks a bounded time (soft shutdown) instead of waiting for them for ever.
        Part("The worker part", worker, {**environment, "REMAP_SIGTERM": "SIGQUIT"}, patience=30),
        Part("The beat part", beat, environment),
        # granian's own workers outlive it when it is killed, but not when it is asked to stop. Two can share the port. It can
        # replace its workers by itself (SIGHUP), but waits a fixed time for the new ones, whether they have come or not.
        Part("The web part", web, {**environment, **_ONE_ARENA}, ready=lambda: _alive(settings), orphan_signal=signal.SIGTERM,
             took_over=(lambda pid: listening.listeners(settings.port, pid) >= settings.web_workers) if listening.TOLD else None),
        *([Part("The metrics part", _command("metrics"), environment)] if settings.metrics_port else []),
    ]


def _demo(settings: Settings) -> list[Part]:
    return [Part("Planting the invented entries", _command("demo"), parts_environment(settings, os.environ), once=True)]


def _command(name: str) -> list[str]:
    """A command of ours, because this package may not import those that process and decide."""
    return [sys.executable, "-c", "import wsgi; wsgi.cli()", name]


def parts_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """What the parts see of `environ`: little, and the settings as they were read here, so that all agree."""
    inherited = {
        name: value for name, value in environ.items() if name in INHERITED or name.startswith(INHERITED_PREFIXES)
    }
    return inherited | {
        "INSTAMEMES_HOME": str(settings.home),
        "INSTAMEMES_ENV": "production" if settings.production else "development",
        "INSTAMEMES_LIMITS": "on" if settings.limits else "off",
        "INSTAMEMES_WEB_WORKERS": str(settings.web_workers),
        "INSTAMEMES_WORKERS": str(settings.workers),
        "INSTAMEMES_TRUSTED_PROXIES": str(settings.trusted_proxies),
        "INSTAMEMES_RESEND_AFTER": str(settings.resend_after),
        "INSTAMEMES_MEDIA_ACCEL": settings.media_accel,
        "SECRET_KEY": settings.secret_key,
        "INSTAMEMES_ENTRY_KEY": settings.entry_keys.text,
        "DATABASE_URL": settings.database_url,
        "DATABASE_REPLICA_URL": settings.replica_url,
        "REDIS_URL": settings.redis_url,
        "MEDIA_URL": settings.media_url,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "INSTAMEMES_METRICS_PORT": str(settings.metrics_port),
    }


@contextmanager
def _only_one(home: Path, name: str) -> Iterator[None]:
    """Hold the home folder for this process. The kernel lets go of it however the process ends."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / f"{name}.lock").open("a+", encoding="ascii") as lock:
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                f"Already running in {home} (process {lock.read().strip()}). "
                "Stop it first, or name another folder with INSTAMEMES_HOME."
            ) from None
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _refuse_busy_port(host: str, port: int) -> None:
    """Look before anything is started: two web servers can share a port without noticing, and then answer in turns."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot serve on {host}, port {port}: {error.strerror}. Choose another port with PORT=…"
        ) from error


def _upgrade(url: str) -> None:
    try:
        db.upgrade(url)
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise ConfigurationError(f"The database could not be brought up to date: {cause}") from error


def _refuse_old_schema(url: str) -> None:
    """A schema that is newer than this program is what a deploy looks like; an older one would break every page."""
    try:
        behind = db.behind(url)
    except SQLAlchemyError as error:
        raise ConfigurationError(f"The database does not answer: {getattr(error, 'orig', None) or error}") from error
    if behind:
        raise ConfigurationError("The database is older than this program: run `instamemes db upgrade` once, then start the parts.")


def _alive(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(_reachable(settings.host), settings.port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """An address a browser on this machine can open: "all addresses" is none."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here


def _welcome(settings: Settings) -> None:
    host = _reachable(settings.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    print(
        f"Insta-memes is ready:     {address}/",
        f"The moderators' desk:     {address}/desk/",
        "The first moderator:      .venv/bin/instamemes moderators add you@example.org --role admin",
        f"Everything is kept in:    {settings.home}",
        "Stop with Ctrl-C.",
        sep="\n",
        flush=True,
    )


def _ready(part: str) -> None:
    print(f"The {part} part is ready. Stop with Ctrl-C.", flush=True)


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
