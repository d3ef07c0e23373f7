"""The cage: what a picture does in there, here it is an answer or a reason, and never a hang."""

import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from tests.faults.parts import until
from tests.workers import pictures, programs
from tests.workers.pictures import photo, saved
from workers import _child, cage, images, render
from workers._child import LIBRARIES
from workers.cage import CageBroken
from workers.images import MAX_BYTES, UnreadableImage
from workers.keeper import Keeper
from workers.render import CPU_SECONDS, MEMORY, render_in_child

Replace = Callable[[str], None]


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableImage) as refused:
        render_in_child(data)
    return refused.value.reason


@pytest.fixture
def replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replace]:
    """Put a program of the test's own in the place of the child."""
    with programs.keeper(tmp_path, monkeypatch) as mine:
        monkeypatch.setattr(render, "keeper", lambda: mine)
        yield partial(programs.put, tmp_path)


class TaskInterrupted(Exception):
    """What a task limit raises in the middle of waiting."""


READ = "forked(); os.write(1, b'R'); sys.stdin.buffer.read()\n"


@pytest.mark.parametrize(
    "data",
    [
        pictures.loaded_jpeg(photo(900, 600), 6),
        pictures.moving("GIF", 3),
        saved(photo(90, 60), "HEIF"),
        saved(photo(90, 60), "AVIF", speed=9),
    ],
    ids=["jpeg", "gif", "heic", "avif"],
)
def test_the_cage_gives_what_rendering_gives(data: bytes) -> None:
    assert render_in_child(data) == images.render(data)


def test_a_refusal_comes_through_with_its_reason() -> None:
    assert reason(b"just a text") == "type"
    assert reason(saved(photo(), "JPEG")[:3000]) == "damaged"
    assert reason(bytes(MAX_BYTES + 1)) == "too_large"


def test_a_picture_that_needs_more_memory_than_there_is_is_too_large() -> None:
    # 20 megapixels of RGBA need 80 MB for the pixels alone; the libraries need 70 before the first of them.
    big = saved(Image.new("RGBA", (5000, 4000), (1, 2, 3, 4)), "PNG", compress_level=1)
    with closing(Keeper(render.CHILD, ["130000000", *render.limits()[1:]])) as small, pytest.raises(UnreadableImage) as refused:
        render._unpacked(small.caged(b"\n" + big, 60))
    assert refused.value.reason == "too_large"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("while True: pass", "too_slow"),  # until the CPU limit
        ("os.kill(os.getpid(), signal.SIGXCPU)", "too_slow"),
        ("time.sleep(600)", "too_slow"),  # until the clock
        ("os.kill(os.getpid(), signal.SIGKILL)", "too_large"),  # as the kernel does when memory runs out
        ("os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
        ("os.abort()", "damaged"),
        ("sys.exit(3)", "damaged"),
        ("sys.exit(0)", "damaged"),
        ("os.write(1, b'{}')", "damaged"),
        ("os.write(1, struct.pack('>I', 4000000000) + b'{}')", "damaged"),
        ("os.write(1, struct.pack('>I', 2) + b'[]')", "damaged"),
        ("os.write(1, struct.pack('>I', 20) + b'{\"unreadable\": \"boo\"}')", "damaged"),
        ("while True: os.write(1, bytes(1 << 16))", "damaged"),  # talks without end
        ("os.close(1); time.sleep(600)", "too_slow"),  # is silent and stays
    ],
)
def test_every_way_to_die_has_a_reason(
    program: str, expected: str, replaced: Replace, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced("resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); resource.setrlimit(resource.RLIMIT_CPU, (1, 3))\n"
             + READ + program)  # fmt: skip
    if expected == "too_slow":
        monkeypatch.setattr(render, "WALL_SECONDS", 3.0)
        monkeypatch.setattr(cage, "LAST_SECONDS", 0.2)
    assert reason(b"picture") == expected


def test_a_child_that_never_reads_does_not_hang_its_parent(replaced: Replace, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced("forked(); os.write(1, b'R'); time.sleep(600)")
    monkeypatch.setattr(render, "WALL_SECONDS", 1.0)
    assert reason(bytes(5_000_000)) == "too_slow"


@pytest.mark.parametrize(
    "program", ["import no_such_library", "forked(); import no_such_library", "forked(); os.abort()"]
)
def test_a_broken_installation_is_not_blamed_on_the_picture(program: str, replaced: Replace) -> None:
    replaced(program)
    with pytest.raises(CageBroken):
        render_in_child(saved(photo(), "JPEG"))


def test_no_child_is_left_when_the_task_is_interrupted(tmp_path: Path, replaced: Replace) -> None:
    # The child itself says when, so that nothing depends on how fast this machine is.
    note = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
    replaced(READ + note + f"os.kill({os.getpid()}, signal.SIGALRM); time.sleep(600)")

    def interrupt(*_: object) -> None:
        raise TaskInterrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(TaskInterrupted):
            render_in_child(b"picture")
    finally:
        signal.signal(signal.SIGALRM, before)
    until(lambda: programs.gone(int((tmp_path / "pid").read_text())), "it is gone")


def test_the_child_sees_no_secret_and_may_do_little(replaced: Replace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:password@host/name")
    real = str(Path(_child.__file__))
    replaced(
        f"import importlib.util\nspec = importlib.util.spec_from_file_location('real', {real!r})\n"
        "real = importlib.util.module_from_spec(spec); spec.loader.exec_module(real)\n"
        "real.confine(int(sys.argv[1]), int(sys.argv[2]))\n" + READ + "import json\n"
        "try:\n    os.write(os.open('/tmp/never-written', os.O_CREAT | os.O_WRONLY), b'x'); wrote = True\n"
        "except OSError: wrote = False\n"
        "finally: os.unlink('/tmp/never-written')\n"
        "facts = {'environment': dict(os.environ), 'wrote': wrote, 'folder': os.getcwd(),\n"
        "  'limits': {n: resource.getrlimit(getattr(resource, n))\n"
        "             for n in ('RLIMIT_DATA', 'RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_CORE', 'RLIMIT_NOFILE')}}\n"
        "sys.stdout.buffer.write(json.dumps(facts).encode())"
    )
    facts = json.loads(render.keeper().caged(b"picture", 60))
    assert "a secret" not in str(facts)
    assert "password" not in str(facts)
    assert facts["wrote"] is False
    assert facts["folder"] == "/"
    assert facts["limits"] == {
        "RLIMIT_DATA": [MEMORY] * 2, "RLIMIT_AS": [MEMORY + LIBRARIES] * 2,
        "RLIMIT_CPU": [CPU_SECONDS, CPU_SECONDS + 2], "RLIMIT_CORE": [0, 0],
        "RLIMIT_NOFILE": [64, 64],
    }  # fmt: skip


def test_the_cage_works_inside_a_daemonic_worker_process() -> None:
    # Celery's pool processes are daemonic: they may not start processes through multiprocessing, ours is no such one.
    program = (
        "import billiard, sys\n"
        "from workers.render import keeper, render_in_child\n"
        "def work(queue, data): queue.put((len(render_in_child(data).renditions), keeper()._process.pid))\n"
        "if __name__ == '__main__':\n"
        "    queue, data = billiard.Queue(), sys.stdin.buffer.read()\n"
        "    render_in_child(data)\n"
        "    worker = billiard.Process(target=work, args=(queue, data), daemon=True)\n"
        "    worker.start(); made, its = queue.get(timeout=100); worker.join(10); render_in_child(data)\n"
        "    print(made, its != keeper()._process.pid)\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program], input=saved(photo(), "JPEG"), capture_output=True, timeout=120, cwd=root,
        check=False,
    )  # fmt: skip
    assert done.stdout.strip() == b"4 True", done.stderr.decode()


def test_an_answer_that_lies_about_its_files_is_damage() -> None:
    good = images.render(saved(photo(90, 60), "JPEG"))
    assert render._unpacked(_child.answer(good)) == good
    (length,) = struct.unpack(">I", _child.answer(good)[:4])
    facts = _child.answer(good)[4 : 4 + length]
    files = _child.answer(good)[4 + length :]
    for lie, rest in (
        (facts, files[:-1]),
        (facts, files + b"x"),
        (facts, b"<script>" + files[8:]),
        (facts.replace(b"320.webp", b"../a.php"), files),
        (facts.replace(b'"webp"', b'"jpeg"'), files),
        (facts.replace(b'"renditions": [[', b'"renditions": [[1, '), files),
        (b"[" * 100_000, files),
    ):
        with pytest.raises(UnreadableImage, match="damaged"):
            render._unpacked(struct.pack(">I", len(lie)) + lie + rest)
