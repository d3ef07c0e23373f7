"""What in a text could lead to a child, ask for help or hurt: one set of rules for the phone, the server and the desk.

The rules are data (`data/guard.json`, described in docs/guard.md); `static/js/guard.js` reads the same data in the same way,
and a test compares the two. A finding underlines, warns or puts an entry on top of the list; it never decides.

Time is in proportion to the text: a word is compared along a tree of words, a pattern has no unbounded repetition.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data") / "guard.json"

#: What puts an entry before all others and is answered with help; never in anybody's way.
CARE = frozenset({"danger", "distress"})

#: What could tell who somebody is.
PRIVATE = frozenset({"phone", "email", "handle", "link", "cin", "name", "school", "place", "age"})

#: Marks a phrase that looks like a finding and is none.
_HARMLESS = "ok"
_WORD = re.compile(r"[a-z0-9$\u0370-\u058f\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u2d30-\u2d67]+")
_THRICE, _TWICE = re.compile(r"([^0-9])\1\1+"), re.compile(r"([^0-9])\1+")
_ARABIC_WORD = re.compile(r"[وفبلك][\u0620-\u064a]{3,}")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_END = "."


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something in a text: `kind` (phone, email, handle, link, cin, name, school, place, age, danger, distress, insult), from
    `start` up to, not including, `end`, in characters of the text that was given."""

    start: int
    end: int
    kind: str


#: A word as it is compared, and whether it was written with a capital letter. Plain tuples, because a hostile text has many.
_Word = tuple[str, bool]
#: A word, where it starts and where it ends in the folded text.
_Token = tuple[_Word, int, int]


class Rules:
    """The rules, ready to be used. Made once from the data; an operator's additions are merged in before."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.served = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        self.version = hashlib.sha256(self.served).hexdigest()[:12]
        self.letters: dict[str, str] = data["letters"]
        self.digits = str.maketrans(data["digits"])
        self.patterns = [(kind, re.compile(pattern, re.ASCII)) for kind, pattern in data["patterns"]]
        self.lists: dict[str, list[str]] = {}
        for name, words in data["lists"].items():
            for word in self.fold(words).split():
                self.lists.setdefault(word, []).append(f"@{name}")
        self.tree: dict[str, Any] = {}
        for kind, phrases in data["phrases"].items():
            for phrase in phrases:
                for said in _spelt_out(self.fold(phrase)):
                    node = self.tree
                    for word in said.split():
                        node = node.setdefault(word, {})
                    node.setdefault(_END, kind)

    def fold(self, text: str) -> str:
        """`text` as it is compared: without case, accents, vowel signs, look-alikes and hidden characters."""
        return self.folded(text)[0]

    def folded(self, text: str) -> tuple[str, list[int]]:
        """The folded text, and for each of its characters the place it comes from."""
        letters = {char: self._folded_letter(char) for char in set(text)}
        parts = [letters[char] for char in text]
        return "".join(parts), [place for place, part in enumerate(parts) for _ in part]

    def _folded_letter(self, char: str) -> str:
        if char in "\u2019\u2018\u02bc":
            return "'"
        found = ""
        for part in unicodedata.normalize("NFKD", char):  # of one character: never long
            if unicodedata.category(part)[0] != "M" and unicodedata.category(part) != "Cf":
                found += "".join(self.letters.get(small, small) for small in part.lower())
        return found

    def keys(self, word: _Word) -> list[str]:
        """What a word can be in a phrase: itself and its likely forms, the lists it is in, what it looks like."""
        text, capital = word
        found = _forms(text, self.digits)
        lists = {name for form in found for name in self.lists.get(form, ())}
        keys = [*found, *sorted(lists), "*"]
        if text.isdigit():
            return [*keys, "#n", "#age"] if 5 <= int(text[:4]) <= 19 else [*keys, "#n"]
        if not any(name.startswith("@common") for name in lists) and len(text) > 1:
            keys.append("_")
            if capital:
                keys.append("^")
        return [*keys, *(f"^{form}" for form in found)] if capital else keys


@cache
def rules() -> Rules:
    """The rules in force: those shipped, with what the operator's folder adds or takes out (`use`)."""
    return Rules(_merged(json.loads(_DATA.read_text(encoding="utf-8")), _folder))


_folder: Path | None = None


def use(folder: Path | None) -> None:
    """Read the operator's own words from `folder` (guard.json) from now on (None: none); called once, when a process starts.

    Raises ValueError if the file there cannot be read: better no start than a story that cannot be taken in.
    """
    global _folder
    before, _folder = _folder, folder if folder is not None and _own(folder).is_file() else None
    if (before, _folder) != (None, None):  # else they are the shipped ones still
        rules.cache_clear()
        rules()


def _own(folder: Path) -> Path:
    return folder / "guard.json"


def find(text: str, language: str = "") -> list[Finding]:
    """All findings in `text`, in order. `language` is no condition: children mix them, and so do the rules."""
    known = rules()
    folded, places = known.folded(text)
    found = [*by_pattern(known, folded), *by_phrase(known, folded, text, places)]
    places.append(len(text))  # what folds to nothing, such as a last hamza, belongs to what stands before it
    spans = (Finding(places[f.start], places[f.end], f.kind) for f in found)
    return _tidy(sorted(spans, key=lambda span: (span.start, -span.end, span.kind)))  # what holds another comes first


def signals(findings: Iterable[Finding]) -> list[str]:
    """The kinds of what was found, sorted, each once."""
    return sorted({finding.kind for finding in findings})


def priority(signals: Iterable[str]) -> int:
    """How far before others an entry is read: 1 for a sign of danger or distress, 0 for all else."""
    return int(not CARE.isdisjoint(signals))


def covered(text: str, findings: Iterable[Finding]) -> str:
    """`text` with `[…]` in the place of each finding."""
    parts, last = [], 0
    for finding in sorted(findings):
        if finding.start >= last:
            parts += [text[last : finding.start], "[…]"]
        last = max(last, finding.end)
    return "".join(parts) + text[last:]


def _tidy(spans: list[Finding]) -> list[Finding]:
    """Without what is part of another finding, such as a name within an address; a sign of danger or distress always stays."""
    kept: list[Finding] = []
    for finding in spans:
        last = kept[-1] if kept else None
        same = last is not None and finding.kind == last.kind
        inside = last is not None and finding.start < last.end and (same or finding.end <= last.end)
        if last is not None and inside and (same or finding.kind not in CARE):
            kept[-1] = Finding(last.start, max(last.end, finding.end), last.kind)
        else:
            kept.append(finding)
    return kept


def _merged(data: dict[str, Any], folder: Path | None) -> dict[str, Any]:
    """The shipped data, and from `guard.json` in the folder: `lists` and `phrases` to `add` or to `remove`."""
    if folder is None:
        return data
    try:
        own = json.loads(_own(folder).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{_own(folder)}: {error}") from error
    for name, words in own.get("add", {}).get("lists", {}).items():
        data["lists"][name] = " ".join([data["lists"].get(name, ""), *words])
    for name, words in own.get("remove", {}).get("lists", {}).items():
        data["lists"][name] = " ".join(word for word in data["lists"].get(name, "").split() if word not in words)
    for kind, phrases in own.get("add", {}).get("phrases", {}).items():
        data["phrases"].setdefault(kind, []).extend(phrases)
    data["phrases"][_HARMLESS] += own.get("remove", {}).get("phrases", [])
    return data


def _spelt_out(phrase: str) -> list[str]:
    """`a {b,c} d` -> `a b d`, `a c d`; braces may stand inside braces."""
    choice = _CHOICE.search(phrase)
    if choice is None:
        return [phrase]
    head, tail = phrase[: choice.start()], phrase[choice.end() :]
    return [said for part in choice[1].split(",") for said in _spelt_out(head + part + tail)]


def _forms(word: str, digits: dict[int, str]) -> list[str]:
    """The word, with letters that were drawn out, digits for letters, and a joined Arabic particle taken away."""
    found = [word]
    if _THRICE.search(word):
        found += [_THRICE.sub(r"\1", word), _THRICE.sub(r"\1\1", word), _TWICE.sub(r"\1", word)]
    plain = word.translate(digits)
    if plain != word and not word.isdigit():
        found.append(plain)
    if _ARABIC_WORD.match(word):
        found.append(word[1:])
    return list(dict.fromkeys(found))


def by_pattern(known: Rules, folded: str) -> Iterable[Finding]:
    """What the expressions find; places are those of the folded text."""
    for kind, pattern in known.patterns:
        for match in pattern.finditer(folded):
            if match.end() > match.end(1):
                yield Finding(match.end(1), match.end(), kind)


def _tokens(folded: str, text: str, places: list[int]) -> list[_Token]:
    """The words, with letters that stand one by one (`i d i o t`) put together."""
    capitals = {char for char in set(text) if char != char.lower()}
    found: list[_Token] = []
    row: list[_Token] = []
    for match in _WORD.finditer(folded):
        start, end = match.span()
        token = (match[0], text[places[start]] in capitals), start, end
        if end - start == 1 and not match[0].isdigit():
            if row and start - row[-1][2] != 1:
                found += _joined(row)
                row = []
            row.append(token)
            continue
        if row:
            found += _joined(row)
            row = []
        found.append(token)
    return found + _joined(row)


def _joined(row: list[_Token]) -> list[_Token]:
    if len(row) < 3:
        return row
    (_, capital), start, _ = row[0]
    return [(("".join(word[0] for word, _, _ in row), capital), start, row[-1][2])]


def by_phrase(known: Rules, folded: str, text: str, places: list[int]) -> Iterable[Finding]:
    """The longest phrase from each word on; what it covers is not looked at again. Places are those of the folded text."""
    tokens = _tokens(folded, text, places)
    words = [word for word, _, _ in tokens]
    said = {word: known.keys(word) for word in set(words)}
    begun = {word: [known.tree[key] for key in keys if key in known.tree] for word, keys in said.items()}
    keys = [said[word] for word in words]
    at = 0
    while at < len(tokens):
        if not begun[words[at]]:
            at += 1
            continue
        kind, end = _longest(begun[words[at]], keys, at)
        if kind and kind != _HARMLESS:
            yield Finding(tokens[at][1], tokens[end - 1][2], kind)
        at = max(end, at + 1)


def _longest(nodes: list[dict[str, Any]], keys: list[list[str]], at: int) -> tuple[str, int]:
    """Kind and end of the longest phrase that begins at word `at` with one of `nodes`; no kind if there is none."""
    kind, end = "", at
    while nodes:
        at += 1
        for node in nodes:
            if _END in node:
                kind, end = node[_END], at
                break
        if at == len(keys):
            break
        nodes = [node[key] for node in nodes for key in keys[at] if key in node]
    return kind, end
