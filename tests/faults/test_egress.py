"""Nothing reaches out: every connection that any process of the platform tries, in Python, C or Rust, seen by strace."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from memes.db import Database
from memes.lifecycle import State
from tests import tools
from tests.faults.parts import in_state, photo, until
from tests.faults.test_up import Up

pytestmark = pytest.mark.thorough

#: Where a call of strace's leads: what is not one of these is a machine elsewhere, or the question for one's name.
HOME = re.compile(
    r"AF_UNIX|AF_NETLINK|AF_UNSPEC|sin_addr=inet_addr\(\"127\.|inet_pton\(AF_INET6, \"(::1|::ffff:127\.[\d.]+)\"|\"::\""
)
NAMES = re.compile(r"htons\(53\)")


def watched(record: Path) -> list[str]:
    """The command that writes all attempts of what follows into `record`. It stands beside, so the command keeps its parent."""
    program = tools.strace()
    assert program, "Needs strace: install it (apt-get install strace), or name one with STRACE=/path."
    return [
        program,
        "-D",
        "-f",
        "-qq",
        "--seccomp-bpf",
        "-e",
        "trace=connect,sendto,sendmsg,sendmmsg",
        "-e",
        "signal=none",
        "-o",
        str(record),
    ]


def outside(seen: str) -> list[str]:
    """Lines about another machine."""
    with_address = [line for line in seen.splitlines() if "sa_family" in line]
    return [line for line in with_address if not HOME.search(line) or NAMES.search(line)]


def test_the_watch_sees_who_reaches_out(tmp_path: Path) -> None:
    record = tmp_path / "record"
    tries = (
        "import socket; a = socket.socket(); a.setblocking(False); a.connect_ex(('192.0.2.1', 443)); "
        "b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); b.sendto(b'x', ('127.0.0.53', 53)); "
        "c = socket.socket(); c.connect_ex(('127.0.0.1', 9))"
    )
    subprocess.run([*watched(record), sys.executable, "-c", tries], check=True)
    deadline = time.monotonic() + 20
    while len(outside(record.read_text())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(outside(record.read_text())) == 2, record.read_text()


def test_nothing_leaves_this_machine(figure: Callable[..., None]) -> None:
    with tempfile.TemporaryDirectory(prefix="im-egress-") as folder:
        record = Path(folder) / "record"
        up = Up(Path(folder) / "home", *watched(record))
        try:
            up.until_it_says("Stop with Ctrl-C.")
            up.send(2)
            fields = {"theme": "rumours", "language": "en", "consent_gallery": "true"}
            up.post("/api/v1/entries", fields | {"kind": "story", "text": "see http://192.0.2.7/x.png"})
            up.post("/api/v1/entries", fields | {"kind": "meme"}, photo(), "http://192.0.2.8/p.jpg")
            up.get("/oembed?url=http://192.0.2.9/ar/gallery/00000000-0000-4000-8000-000000000000")
            with Database(f"sqlite:///{up.home / 'instamemes.db'}") as database:
                until(in_state(database, State.PENDING, 4), "all wait for a moderator")
            until(up.ready, "everything runs")
            time.sleep(11)  # beat's shortest round comes after ten seconds
            assert up.said.count(" died (") == 0, up.said
        finally:
            up.close()
        seen = record.read_text(errors="replace")
    assert seen.count("AF_UNIX") > 20, "there was nothing to see"
    found = outside(seen)
    figure("egress.attempts", len(found), goal="= 0", unit="connections elsewhere")
    assert found == []
