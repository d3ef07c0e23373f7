"""Who accepts connections on a port of this machine, as Linux tells in /proc. For `supervisor`."""

import os
from contextlib import suppress
from pathlib import Path

#: The state of a socket that accepts connections (include/net/tcp_states.h).
_LISTEN = "0A"

#: Whether this system tells.
TOLD = Path("/proc/net/tcp").exists()


def listeners(port: int, group: int) -> int:
    """How many processes of a process group accept connections on the port."""
    sockets = {f"socket:[{number}]" for number in _sockets(port)}
    return sum(bool(sockets & _open(process)) for process in Path("/proc").glob("[0-9]*") if _group(process) == group)


def _sockets(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == _LISTEN and int(words[1].rpartition(":")[2], 16) == port:
                    found.add(words[9])
    return found


def _group(process: Path) -> int | None:
    with suppress(OSError):
        return os.getpgid(int(process.name))
    return None


def _open(process: Path) -> set[str]:
    found = set()
    with suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                found.add(os.readlink(descriptor))
    return found
