"""Every regular expression of the platform, found by looking, and texts that would make a careless one count for ever."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import memes
import moderation
import workers
import wsgi
from memes import guard

ROOT = Path(wsgi.__file__).parent
#: Programs of their own, which end whoever imports them, or are not for a stranger's text.
_NOT_HERE = {"workers._child"}
#: Characters that patterns are made of, and that texts are full of.
_USUAL = (
    " ",
    "\n",
    "\t",
    "a",
    "A",
    "0",
    "-",
    ".",
    "@",
    "/",
    "_",
    "'",
    '"',
    "(",
    "<",
    "[",
    "{",
    "*",
    "#",
    "ا",
    "ـ",
    "\u0301",
    "👩",
)


def compiled() -> dict[str, re.Pattern[Any]]:
    """Where it is -> the pattern: what modules hold, in whatever they hold it, and what is written inside their functions."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in _modules():
        for name, held in vars(module).items():
            for number, pattern in enumerate(_patterns(held, depth=3)):
                found.setdefault(f"{module.__name__}.{name}.{number}", pattern)
        for line, pattern in _inline(module):
            found[f"{module.__name__}:{line}"] = pattern
    for number, (kind, pattern) in enumerate(guard.rules().patterns):
        found[f"guard.{kind}.{number}"] = pattern
    seen: set[tuple[Any, int]] = set()
    return {
        where: pattern
        for where, pattern in found.items()
        if (key := (pattern.pattern, pattern.flags)) not in seen and not seen.add(key)  # type: ignore[func-returns-value]
    }


def _modules() -> Iterator[ModuleType]:
    yield wsgi
    for package in (memes, moderation, workers):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name not in _NOT_HERE:
                yield importlib.import_module(found.name)


def _patterns(held: object, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(held, re.Pattern):
        yield held
    elif depth and isinstance(held, dict):
        for value in held.values():
            yield from _patterns(value, depth - 1)
    elif depth and isinstance(held, list | tuple | set | frozenset):
        for value in held:
            yield from _patterns(value, depth - 1)


def _inline(module: ModuleType) -> Iterator[tuple[int, re.Pattern[Any]]]:
    """Patterns that stand in a call, such as `re.sub("[^0-9]", …)`; those put together while running are not seen."""
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re":
            first = node.args[0] if isinstance(node, ast.Call) and node.args else None
            if isinstance(first, ast.Constant):
                yield node.lineno, re.compile(first.value)


def in_scripts() -> dict[str, tuple[str, str]]:
    """Where it is -> source and flags of each pattern that a script on the pages holds."""
    literal = re.compile(r"(?<=[(,=:?&|!])\s*/((?![*/])(?:[^\\/\[\n]|\\.|\[(?:[^\\\]\n]|\\.)*\])+)/([a-z]*)")
    found = {}
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.split(" // ")[0]
            for match in literal.finditer(code) if not code.strip().startswith("//") else ():
                found[f"{path.name}:{number}:{match.start()}"] = (match[1], match[2])
    return found


def bombs(pattern: str, size: int) -> Iterator[str]:
    """Texts of `size` characters for a pattern: what it is made of over and over, and something else at the very end."""
    own = sorted({char for char in pattern if char.isalnum() or char in " .@-/_'"})[:12]
    units = [
        *_USUAL,
        *own,
        *_pairs(own[:6]),
        "a.",
        "a@",
        "0 ",
        "0-",
        "a b ",
        "[](",
        "](",
        "<a ",
        "**",
        "\r\n",
        "a\n",
        pattern[:40],
    ]
    for unit in units:
        yield (unit * (size // len(unit) + 1))[: size - 1] + "\ufffe"


def _pairs(chars: Iterable[str]) -> list[str]:
    chars = list(chars)
    return [one + other for one in chars for other in chars if one != other][:12]
