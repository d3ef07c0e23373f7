"""The inside of the press: what a poster says in on standard input, its PDF out on standard output, then the end.

Started by `workers.press` as `python -m workers._setter`. Limits come first, then the library and its fonts are loaded,
then the door is shut for every thread, and only then is anything looked at that a stranger made.
"""

import ctypes
import json
import os
import platform
import re
import sys
from pathlib import Path
from typing import Any

from workers._child import HEAD, READY, Program, confine

DESIGN = Path(__file__).resolve().parent / "posters"
ART = Path(__file__).resolve().parent.parent / "static" / "art"

#: Who asks the question on the sheet, by the kind of the entry.
NEIGHBOURS = {"meme": "cat", "story": "stork", "solution": "tortoise"}

#: seccomp(2): its number, because the C library has no name for it, and `prctl` cannot hold threads that run already.
SECCOMP = {"x86_64": 317, "aarch64": 277}
SET_MODE_FILTER, EVERY_THREAD = 1, 1  # linux/seccomp.h


def shut_in(program: bytes) -> None:
    """Give up every system call but those of `program` in all threads; nothing if that is empty."""
    if not program:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    told = Program(len(program) // 8, program)
    number = SECCOMP[platform.machine()]
    if libc.prctl(38, 1, 0, 0, 0) or libc.syscall(number, SET_MODE_FILTER, EVERY_THREAD, ctypes.byref(told)):
        raise OSError(ctypes.get_errno(), "the press could not be shut")


def told(data: bytes) -> dict[str, Any]:
    """What `workers._child.pack` has framed: the words, and the picture as a list of bytes, or None."""
    (length,) = HEAD.unpack_from(data)
    words: dict[str, Any] = json.loads(data[HEAD.size : HEAD.size + length])
    return words | {"picture": list(data[HEAD.size + length :]) or None}


def drawing(name: str) -> bytes:
    """A drawing of the site in its light colours, which stand in it as what is taken where the page has none."""
    svg = (ART / f"{name}.svg").read_text(encoding="utf-8")
    return re.sub(r"var\(--[\w-]+,\s*([^)]+)\)", r"\1", svg).encode()


def main() -> None:
    """Load, read, set, answer. Any way of dying is understood by the parent."""
    confine(int(sys.argv[1]), int(sys.argv[2]))
    import typst  # only now: it must load inside the limits

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[DESIGN / "fonts"])
    setter: Any = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)
    design = {"main.typ": (DESIGN / "poster.typ").read_bytes(), "logo.svg": drawing("logo")}
    neighbours = {kind: drawing(name) for kind, name in NEIGHBOURS.items()}
    # A page with every font on it: they are read when they are first used, and soon no file can be opened.
    letters = "".join(f'#text(font: "{family}", fallback: false)[x]' for family in fonts.families())
    setter.compile(input={"main.typ": letters.encode()}, format="pdf")
    os.write(1, READY)
    data = sys.stdin.buffer.read()
    shut_in(bytes.fromhex(sys.argv[3]))
    words = told(data)
    design |= {"drawing.svg": neighbours[words["kind"]], "qr.svg": words["code"]["drawing"].encode()}
    made = setter.compile(
        input=design, sys_inputs={"poster": json.dumps(words)}, format="pdf", pdf_standards=["ua-1"]
    )
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
