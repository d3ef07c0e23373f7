"""Whoever has taken over the process that decodes a picture tries to get out of it."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from memes.errors import ConfigurationError
from memes.settings import Settings
from tests.workers import pictures, programs
from tests.workers.pictures import photo, saved
from workers import app, images, render, syscalls

#: What is tried, as Python or as a bare system call: by its number on x86-64 and on ARM64.
PROBES = {
    "read a file": "open('/etc/passwd').read()",
    "write a file": "os.open('/tmp/escaped', os.O_CREAT | os.O_WRONLY)",
    "list a folder": "os.listdir('/')",
    "ask about a file": "os.stat('/etc/passwd')",
    "read what the process is told": "open('/proc/self/environ').read()",
    "make a folder": "os.mkdir('/tmp/escaped')",
    "delete a file": "os.unlink('/etc/hostname')",
    "change a file's rights": "os.chmod('/tmp', 0o777)",
    "link to a file": "os.symlink('/etc/passwd', '/tmp/escaped')",
    "change the folder": "os.chdir('/tmp')",
    "change the root": "os.chroot('/tmp')",
    "reach a network": "socket.socket(socket.AF_INET)",
    "reach a network by IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "reach a server on this machine": "socket.socket(socket.AF_UNIX)",
    "make a pair of sockets": "socket.socketpair()",
    "start a program": "os.execv('/bin/true', ['true'])",
    "start a process": "os.fork()",
    "end its parent": "os.kill(os.getppid(), 9)",
    "end a process by its number": "os.kill(1, 0)",
    "change its limits": "call(302, 261, 0, 0, None, None)",
    "become somebody else": "os.setuid(0)",
    "make a file in memory": "os.memfd_create('escaped')",
    "open a pipe": "os.pipe()",
    "watch for events": "select.epoll()",
    "change its priority": "os.nice(-5)",
    "mount something": "call(165, 40)",
    "enter other name spaces": "call(272, 97, 0x10000000)",
    "trace a process": "call(101, 117, 16, os.getppid())",
    "read another process's memory": "call(310, 270, os.getppid())",
    "write another process's memory": "call(311, 271, os.getppid())",
    "take another process's files": "call(438, 438)",
    "ask by a ring": "call(425, 425, 8)",
    "load a program into the kernel": "call(321, 280)",
    "read the kernel's keys": "call(250, 219)",
    "measure the machine": "call(298, 241)",
    "catch faults of pages": "call(323, 282)",
    "share memory": "call(29, 194, 1, 4096, 0o1600)",
    "start a process as threads are started": "call(56, 220, 17)",
    "start a process in the new way": "call(435, 435)",
}

PROGRAM = """
import ctypes, json, platform, select, socket
real = __import__('importlib.util').util.spec_from_file_location('real', {real!r})
module = __import__('importlib.util').util.module_from_spec(real)
real.loader.exec_module(module)
libc = ctypes.CDLL(None, use_errno=True)
bare = 0 if platform.machine() == 'x86_64' else 1

def call(*words):
    number, arguments = words[bare], words[2:]
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), 'refused')

probes = {probes!r}
compiled = {{name: compile(text, 'probe', 'exec') for name, text in probes.items()}}
forked()
os.write(1, b'R')
sys.stdin.buffer.read()
if {shut}:
    module.confine(int(sys.argv[1]), int(sys.argv[2]))
    module.shut_in(bytes.fromhex(sys.argv[3]))
answers = {{}}
for name, code in compiled.items():
    try:
        exec(code)
        answers[name] = 'out'
    except OSError as error:
        answers[name] = error.errno
sys.stdout.buffer.write(json.dumps(answers).encode())
sys.stdout.flush()
os._exit(0)
"""


def tried(probes: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch, *, shut: bool = True) -> dict[str, object]:
    """Name -> error number, or `out` where nothing was in the way, of probes in a child as the worker starts it."""
    real = str(Path(render.__file__).with_name("_child.py"))
    programs.put(folder, PROGRAM.format(real=real, probes=probes, shut=shut))
    with programs.keeper(folder, monkeypatch) as mine:
        answers = json.loads(mine.caged(b"picture", 60))
    assert isinstance(answers, dict)
    return answers


def test_no_probe_gets_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Callable[..., None]) -> None:
    answers = tried(PROBES, tmp_path, monkeypatch)
    assert answers == dict.fromkeys(PROBES, 1) | {"start a process in the new way": 38}  # EPERM, ENOSYS
    figure("cage.probes", len(answers), goal=">= 12", unit="ways out tried from inside the cage, all refused")


def test_a_cage_holds_its_two_pipes_and_nothing_of_the_keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probes = {str(number): f"os.lseek({number}, 0, 1)" for number in range(200)}
    probes["speak to the worker as the keeper does"] = "os.write(0, bytes(4))"
    answers = tried(probes, tmp_path, monkeypatch)
    pipes_and_nothing = {"0": errno.ESPIPE, "1": errno.ESPIPE, "2": "out"}  # the last one is /dev/null
    assert answers == dict.fromkeys(probes, errno.EBADF) | pipes_and_nothing


def test_the_same_probes_do_get_out_where_the_door_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = ("read a file", "list a folder", "reach a network", "reach a server on this machine", "open a pipe",
                "watch for events", "make a file in memory", "end a process by its number")  # fmt: skip
    probes = {name: PROBES[name].replace("kill(1, 0)", "kill(os.getpid(), 0)") for name in harmless}
    assert tried(probes, tmp_path, monkeypatch, shut=False) == dict.fromkeys(harmless, "out")


def test_a_cage_stays_in_the_session_of_the_worker_whose_priority_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs.put(tmp_path, "forked()\nos.write(1, b'R%d' % os.getsid(0))")
    with programs.keeper(tmp_path, monkeypatch) as mine:
        assert int(mine.caged(b"picture", 60)) == os.getsid(0)


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "GIF", "WEBP", "HEIF", "AVIF"])
def test_whatever_a_picture_needs_is_at_hand_before_the_door_is_shut(kind: str) -> None:
    one = pictures.in_wide_colours(photo(640, 420))
    more = {"save_all": True, "append_images": [photo(640, 420, seed=2)]} if kind in ("MPO", "GIF") else {}
    told = {} if kind == "GIF" else {"icc_profile": pictures.wide_profile(), "exif": b"Exif\0\0" + pictures.exif(6)}
    data = saved(one, kind, **more, **told)
    assert render.render_in_child(data) == images.render(data)


def test_production_does_not_start_without_a_door(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = {"INSTAMEMES_ENV": "production", "INSTAMEMES_HOME": str(tmp_path), "SECRET_KEY": "k" * 64,
            "INSTAMEMES_ENTRY_KEY": "ab" * 32}
    production = Settings.from_env(told)
    assert app.make_worker(production).conf.task_acks_late
    monkeypatch.setattr(syscalls, "supported", lambda: False)
    with pytest.raises(ConfigurationError, match="Linux"):
        app.make_worker(production)
    assert app.make_worker(Settings.from_env(told | {"INSTAMEMES_ENV": ""})), "elsewhere pictures are still limited"
