"""The process that forks cages: it is one, it is not there for ever, and nothing of it is left."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.parts import until
from tests.workers import programs
from tests.workers.pictures import photo, saved
from tests.workers.programs import gone
from workers import cage, keeper, render
from workers.cage import CageBroken
from workers.images import UnreadableImage
from workers.keeper import Keeper

#: Answers with what it was sent and the numbers of itself and of the keeper, or does what it is told.
PROGRAM = """
import memes
forked()
os.write(1, b'R')
told = sys.stdin.buffer.read().decode()
if told == 'crash': os.abort()
if told == 'refuse': sys.exit(0)
if told == 'wait':
    open({note!r}, 'w').write(str(os.getpid()))
    time.sleep(600)
os.write(1, f'{{told}} {{os.getpid()}} {{os.getppid()}}'.encode())
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    programs.put(tmp_path, PROGRAM.format(note=str(tmp_path / "note")))
    with programs.keeper(tmp_path, monkeypatch) as made:
        yield made


def numbers(mine: Keeper) -> tuple[int, int]:
    """Of a cage, and of the keeper that has forked it."""
    word, cage_id, keeper_id = mine.caged(b"word", 60).decode().split()
    assert word == "word"
    return int(cage_id), int(keeper_id)


def test_each_picture_has_a_process_and_all_have_one_keeper(mine: Keeper) -> None:
    before = len(os.listdir("/dev/fd"))
    told = [numbers(mine) for _ in range(3)]
    assert len({cage_id for cage_id, _ in told}) == 3
    assert len({keeper_id for _, keeper_id in told}) == 1
    assert psutil.Process(told[0][1]).children() == []
    assert len(os.listdir("/dev/fd")) == before + 1, "the line"
    mine.close()
    assert gone(told[0][1])
    assert len(os.listdir("/dev/fd")) == before


def test_the_real_one_has_one_thread_so_that_forking_is_safe() -> None:
    data = saved(photo(90, 60), "JPEG")
    render.render_in_child(data)
    process = render.keeper()._process
    assert process
    assert psutil.Process(process.pid).num_threads() == 1
    render.render_in_child(data)
    assert render.keeper()._process is process


def test_nobody_meets_the_layout_of_a_cage_that_died(mine: Keeper) -> None:
    _, first = numbers(mine)
    with pytest.raises(UnreadableImage):
        mine.caged(b"crash", 60)
    _, second = numbers(mine)
    assert first != second
    assert gone(first)
    with pytest.raises(UnreadableImage, match="too_slow"):
        mine.caged(b"wait", 0.2)
    assert numbers(mine)[1] != second
    assert mine.caged(b"refuse", 60) == b"", "as a refusal with a reason ends"
    assert numbers(mine)[1] == numbers(mine)[1]


def test_a_layout_is_left_after_some_pictures_or_some_time(mine: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "PICTURES", 2)
    told = [numbers(mine)[1] for _ in range(4)]
    assert told[0] == told[1] != told[2] == told[3]
    monkeypatch.setattr(keeper, "IDLE", 0.0)
    assert numbers(mine)[1] != told[3]


def test_a_keeper_without_pictures_gives_its_memory_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs.put(tmp_path, "from workers import _keeper; _keeper.IDLE = 0.1\n" + PROGRAM.format(note=""))
    with programs.keeper(tmp_path, monkeypatch) as mine:
        _, first = numbers(mine)
        until(lambda: gone(first), "it ends by itself")
        assert numbers(mine)[1] != first


def test_a_keeper_that_is_killed_is_nobody_s_fault(mine: Keeper, tmp_path: Path) -> None:
    _, first = numbers(mine)
    os.kill(first, signal.SIGKILL)
    until(lambda: gone(first), "it is dead")
    _, second = numbers(mine)
    note = tmp_path / "note"

    def kill() -> None:
        until(lambda: note.exists() and note.read_text() != "", "a picture is in its cage")
        os.kill(second, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(CageBroken):
        mine.caged(b"wait", 60)
    killer.join()
    until(lambda: gone(int(note.read_text())), "its cage is gone too")
    numbers(mine)


def test_nothing_is_left_of_a_worker_that_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "note"
    programs.put(tmp_path, PROGRAM.format(note=str(note)))
    program = (
        "import sys\nfrom workers import cage, render\nfrom workers.keeper import Keeper\n"
        f"cage.ENVIRONMENT['PYTHONPATH'] = {f'{tmp_path}:{cage.ROOT}'!r}\n"
        "mine = Keeper(render.CHILD, render.limits())\n"
        "print(mine.caged(b'word', 60).decode().split()[2], flush=True)\nmine.caged(b'wait', 60)"
    )
    worker = subprocess.Popen([sys.executable, "-c", program], cwd=cage.ROOT, stdout=subprocess.PIPE)
    assert worker.stdout
    its_keeper = int(worker.stdout.readline())
    until(lambda: note.exists() and note.read_text() != "", "a picture is in its cage")
    its_cage = int(note.read_text())
    assert not gone(its_keeper)
    assert not gone(its_cage)
    worker.kill()
    worker.communicate()
    until(lambda: gone(its_keeper) and gone(its_cage), "both are gone")
