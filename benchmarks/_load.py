"""What sends to a running house, and what looks at its processes from outside (/proc). No section of the report."""

import http.client
import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

#: As browsers write it: a short one would take longer to find.
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW0"


@cache
def photo(width: int, height: int, quality: int, seed: int) -> bytes:
    """A JPEG with soft shapes under noise, which costs about what a phone's own costs."""
    random = np.random.RandomState(seed)
    coarse = Image.fromarray(random.randint(0, 256, (9, 12, 3)).astype(np.uint8))
    soft = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
    file = io.BytesIO()
    noisy = (soft + random.randint(-18, 18, (height, width, 1))).clip(0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(file, "JPEG", quality=quality)
    return file.getvalue()


def meme(number: int, picture: bytes) -> tuple[bytes, str]:
    """The body of the share form, each with words of its own, and its content type."""
    words = {"theme": "rumours", "language": "en", "caption": f"what happened, number {number}", "consent_gallery": "y"}
    return multipart(words, picture)


def multipart(fields: dict[str, str], picture: bytes | None = None) -> tuple[bytes, str]:
    """A form as a browser sends it, and its content type."""
    parts = [(f'name="{name}"\r\n', value.encode()) for name, value in fields.items()]
    if picture is not None:
        parts.append(('name="image"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n', picture))
    said = [f"--{BOUNDARY}\r\nContent-Disposition: form-data; {told}\r\n".encode() + value + b"\r\n" for told, value in parts]
    return b"".join([*said, f"--{BOUNDARY}--\r\n".encode()]), f"multipart/form-data; boundary={BOUNDARY}"


def post(address: str, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
    """Send a form on a connection of its own; status and page. Whoever cannot be reached answers 0."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=120)
    try:
        connection.request("POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def get(address: str, path: str) -> int:
    """Ask for a page on a connection of its own; its status, or 0."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=120)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@dataclass
class Heard:
    """Seconds from when each should have been sent until it was answered, and the statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """In seconds."""
        return float(np.percentile(self.seconds, 100 * share)) if self.seconds else float("nan")

    @property
    def refused(self) -> int:
        """How many were answered with anything but 200."""
        return sum(status != 200 for status in self.statuses)


def open_loop(send: Callable[[int], int], rate: float, seconds: float) -> Heard:
    """Send so many a second at times that are fixed beforehand, however long answers take: who waits is counted as waiting."""
    heard, start, threads = Heard(), time.monotonic() + 0.2, []

    def one(number: int) -> None:
        status = send(number)
        heard.seconds.append(time.monotonic() - start - number / rate)
        heard.statuses.append(status)

    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, start + number / rate - time.monotonic()))
        threads.append(threading.Thread(target=one, args=(number,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return heard


def parts(house_process: int, word: str) -> list[psutil.Process]:
    """The parts of a house whose command line has this word."""
    found = []
    for process in psutil.Process(house_process).children():
        with suppress(psutil.NoSuchProcess):
            if word in process.cmdline():
                found.append(process)
    return found


def family(part: psutil.Process) -> list[psutil.Process]:
    """A part with its children, without cages and what they are forked from, which are always begun anew."""
    kept = [part]
    for child in part.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "workers._child" not in child.cmdline():
                kept.append(child)
    return kept


def cpu(part: psutil.Process) -> float:
    """Seconds of processor time of a part and its children until now, to the nanosecond: /proc counts in hundredths of a second."""
    return sum(time.clock_gettime(~process.pid << 3 | 2) for process in family(part))  # as clock_getcpuclockid(3) makes it on Linux


def resident(members: list[psutil.Process]) -> float:
    """Megabytes in memory, each process's own."""
    total = 0.0
    for process in members:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss / 1e6
    return total


def peak_of(part: psutil.Process, work: Callable[[], object]) -> tuple[float, float]:
    """Megabytes in memory before and at the highest while `work` is done: the kernel's own mark, process by process."""
    members = family(part)
    before = resident(members)
    for process in members:
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # Linux: begin the mark anew
    work()
    marks = [Path(f"/proc/{process.pid}/status").read_text() for process in members]
    return before, sum(int(mark.split("VmHWM:")[1].split()[0]) for mark in marks) / 1e3 * 1.024


@contextmanager
def sampled(named: dict[str, psutil.Process], every: float = 1.0) -> Iterator[dict[str, list[tuple[float, float]]]]:
    """Meanwhile, each part's time and megabytes, again and again."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in named}
    over = threading.Event()

    def look() -> None:
        while not over.wait(every):
            for name, part in named.items():
                with suppress(psutil.NoSuchProcess):
                    samples[name].append((time.monotonic(), resident(family(part))))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def together(number: int, work: Callable[[int], object]) -> None:
    """Do it so many times at once."""
    threads = [threading.Thread(target=work, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def environment() -> dict[str, str]:
    """What a program of ours needs of the environment."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
