"""Change hostile files at random for as long as one likes: `python -m tests.hostile.fuzz --minutes 60` (see docs/fuzzing.md).

Hypothesis draws which file is changed, where and how; each result meets the web's inspection and a cage of its own. What goes
wrong is made smaller by Hypothesis and written to a folder.
"""

import argparse
import hashlib
import random
import struct
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.hostile import catalogue
from tests.hostile.cages import Cages, Judged, said
from tests.hostile.file import KINDLY, STOWAWAYS
from workers.render import REASONS

MOST_SECONDS, MOST_MEMORY = 5, 512 << 20
#: Larger files take longer to change than they teach.
LARGEST = 60_000
ROUND = 250
PAGE, LAST = Path(__file__).parents[2] / "docs" / "fuzzing.md", "## The last long run\n"
#: What formats are made of; put where it does not belong, it leads readers astray.
_WORDS = (
    b"\xff\xd8\xff", b"\xff\xd9", b"\xff\xda", b"\xff\xc0", b"\xff\xc2", b"\xff\xc4", b"\xff\xdb", b"\xff\xdd", b"\xff\xe1",
    b"Exif\0\0", b"II*\0", b"MM\0*", b"IHDR", b"IDAT", b"IEND", b"PLTE", b"tRNS", b"iCCP", b"gAMA", b"acTL", b"fcTL", b"fdAT",
    b"GIF89a", b"\x21\xf9\4", b"\x21\xff\x0b", b"\x2c", b"\x3b", b"RIFF", b"WEBP", b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM",
    b"ANMF", b"ftyp", b"meta", b"iloc", b"iinf", b"ipco", b"ispe", b"hvcC", b"av1C", b"ipma", b"mdat", b"grid", b"iref", b"colr",
)  # fmt: skip
_NUMBERS = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFE,
    0xFFFFFFFF,
    12_000,
    20_000,
)


@dataclass
class Tally:
    """What became of all files: how many, how they ended, and the dearest of them."""

    files: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    seconds: float = 0
    memory: int = 0
    failing: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        ends = ", ".join(f"{end} {count}" for end, count in sorted(self.ends.items()))
        most = f"at most {self.seconds:.2f} s of CPU and {self.memory >> 20} MB"
        return f"{self.files} files: {ends}; {most}; failing: {len(self.failing)}"


@st.composite
def changed(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """One of the samples with up to four changes."""
    data = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 4))):
        # Most of the structure is in the first bytes.
        place = draw(st.integers(0, 200) | st.integers(0, LARGEST)) % (len(data) + 1)
        how = draw(st.sampled_from(("bit", "number", "word", "cut", "twice", "junk", "splice", "end")))
        if how == "bit" and place < len(data):
            data[place] ^= 1 << draw(st.integers(0, 7))
        elif how == "number":
            number = draw(st.sampled_from(_NUMBERS) | st.integers(0, 2**32 - 1))
            data[place : place + 4] = struct.pack(draw(st.sampled_from("<>")) + "I", number)
        elif how == "word":
            word = draw(st.sampled_from(_WORDS))
            data[place : place + draw(st.sampled_from((0, len(word))))] = word
        elif how in ("cut", "twice"):
            piece = data[place : place + draw(st.integers(1, 2000))]
            data[place : place + len(piece)] = b"" if how == "cut" else piece * draw(st.integers(2, 40))
        elif how == "junk":
            data[place:place] = draw(st.binary(max_size=64))
        elif how == "splice":
            other = draw(st.sampled_from(samples))
            data[place:] = other[draw(st.integers(0, LARGEST)) % (len(other) + 1) :]
        elif how == "end":
            del data[place:]
    return bytes(data[: 4 * LARGEST])


def faults(said: str, judged: Judged) -> list[str]:
    """What is wrong with how a file ended, in words."""
    found = [] if said in KINDLY else [f"the inspection raised {said}"]
    if judged.killed:
        found.append(f"its process was killed by signal {judged.killed}")
    if judged.reason not in (*REASONS, ""):
        found.append(f"it was refused for {judged.reason}")
    if judged.seconds > MOST_SECONDS or judged.memory > MOST_MEMORY:
        found.append(f"it took {judged.seconds:.1f} s and {judged.memory >> 20} MB")
    for size in judged.rendered.renditions if judged.rendered else ():
        found += [f"{stowaway!r} is in {size.name}" for stowaway in STOWAWAYS if stowaway in size.data]
        if size.format == "webp" and int.from_bytes(size.data[4:8], "little") + 8 != len(size.data):
            found.append(f"{size.name} goes on behind its end")
    return found


def run(seconds: float, folder: Path, judge: Callable[[bytes], Judged], *, first: int = 0, most: int = 10**9) -> Tally:
    """Rounds of ROUND files until the time is over or there were `most`; each round has a seed of its own, from `first` on."""
    made = (file.make() for file in catalogue.everything() if not file.name.startswith(catalogue.DEAR))
    samples = [data for data in made if len(data) < LARGEST]
    tally, end = Tally(), time.monotonic() + seconds
    while time.monotonic() < end and tally.files < most:
        try:
            _round(samples, tally, folder, judge, first)
        except AssertionError as error:
            print(f"seed {first}: {error}", flush=True)
        first += 1
    return tally


def _round(samples: list[bytes], tally: Tally, folder: Path, judge: Callable[[bytes], Judged], number: int) -> None:
    last: list[bytes] = []

    @seed(number)
    @settings(max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False)  # fmt: skip
    @given(changed(samples))
    def tried(data: bytes) -> None:
        judged, heard = judge(data), said(data)
        tally.files += 1
        tally.ends[heard and "refused by the web" or judged.reason and "refused in the cage" or "made clean"] += 1
        tally.seconds, tally.memory = max(tally.seconds, judged.seconds), max(tally.memory, judged.memory)
        wrong = faults(heard, judged)
        if wrong:
            last[:] = [data]
        assert not wrong, "; ".join(wrong)

    try:
        tried()
    except AssertionError:
        name = hashlib.sha256(last[0]).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(last[0])
        tally.failing.add(name)
        raise


def note(text: str, tally: Tally, first: int) -> str:
    """The page about fuzzing with what this run has found as its end."""
    told = f"\n{datetime.now(UTC).date()}, first seed {first}, written by `--note`:\n\n{tally}.\n"
    return text.partition(LAST)[0] + LAST + told


def main() -> int:
    """Run, say at the end how it was, and end with 1 if anything failed."""
    words = argparse.ArgumentParser(description="Change hostile files at random and see that nothing gives way.")
    words.add_argument("--minutes", type=float, default=60)
    words.add_argument("--folder", type=Path, default=Path("fuzz-failing"), help="where failing files are written")
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9), help="the first round's")
    words.add_argument("--files", type=int, default=10**9, help="end earlier, after so many")
    words.add_argument("--note", action="store_true", help=f"write the result to the end of {PAGE.name}")
    told = words.parse_args()
    print(f"first seed {told.seed}", flush=True)
    with Cages() as cages:
        tally = run(told.minutes * 60, told.folder, cages.judge, first=told.seed, most=told.files)
    print(tally)
    if told.note:
        PAGE.write_text(note(PAGE.read_text(encoding="utf-8"), tally, told.seed), encoding="utf-8")
    return bool(tally.failing)


if __name__ == "__main__":
    raise SystemExit(main())
