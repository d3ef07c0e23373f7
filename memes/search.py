"""By which words a published entry is found: folded, so that nobody need write Arabic or French as a book does.

A word of a text is kept under every form by which somebody may look for it; what is looked for has one form. So a search
compares whole words only, in the same way on every database, and newest first along an index however many there are.
It is a plain table rather than a database's own text index because a row that is deleted is gone at once: FTS5 of the SQLite that
many systems have (before 3.42) keeps the words of a deleted text in its file until it happens to merge them.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from memes.models import Entry, SearchWord
from memes.text import western_digits

#: Characters and words of a search that count, and characters of a word: more is no search, but costs as if it were.
MOST, MOST_WORDS, LONGEST = 200, 8, 40

_WORD = re.compile(r"[^\W_]+")
#: What is one letter to who searches. Decomposing has taken off hamza and accents by then; what is left are letters of
#: their own: alef wasla, alef maqsura, ta marbuta, a hamza alone, and the ways to write a g, p, v or ch in Morocco.
_SAME = str.maketrans({
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ہ": "ه", "ھ": "ه", "ۀ": "ه", "ە": "ه", "ء": "", "ـ": "",
    "ک": "ك", "گ": "ك", "ڭ": "ك", "ݣ": "ك", "ڪ": "ك", "پ": "ب", "ڤ": "ف", "ڥ": "ف", "چ": "ج", "ڨ": "ق",
    "œ": "oe", "æ": "ae", "ø": "o", "ı": "i",
})  # fmt: skip
_ARABIC = re.compile("[\u0621-\u064a]")

#: The article, alone and joined to a word before it, with the fewest letters that must be left: «والدي» is no article.
_ARTICLES = (("ال", 2), ("بال", 2), ("فال", 2), ("كال", 2), ("لل", 2), ("وال", 4), ("ولل", 2))
#: What is left of «الله», «الذي», «التي», «اللي», «الآن», «ألما», and would be found everywhere.
_NO_NOUN = {"له", "ذي", "تي", "لي", "ان", "ما"}
#: Joined words that are one letter. «ب» and «ل» begin too many short words to be taken off them, «ف» and «ك» too many of any.
_JOINED = (("و", 3), ("ب", 4), ("ل", 4))
#: Whose it is, two of it, several of it: «هاتفي», «صديقها», «صديقان», «حسابات».
_ENDINGS = ("ي", "ك", "ه", "ها", "هم", "كم", "نا", "ان", "ين", "ون", "ات")
_LEAST = 3


def words_of(*texts: str) -> set[str]:
    """Every form under which texts are found."""
    return {form for text in texts for word in _words(text) for form in _forms(word)}


def asked(query: str) -> list[str]:
    """The words somebody looks for, each in the one form that `words_of` has for it; empty if there is nothing to look for."""
    return list(dict.fromkeys(_looked_for(word) for word in _words(query[:MOST])))[:MOST_WORDS]


def rules() -> dict[str, Any]:
    """The tables by which `asked` goes, for a page that must do the same without us (`static/js/pack-search.js`)."""
    digits = {char: west for char in map(chr, range(0x660, 0x6FA)) if (west := western_digits(char)) != char}
    return {
        "same": digits | {chr(code): letters for code, letters in _SAME.items()}, "articles": _ARTICLES,
        "noNoun": sorted(_NO_NOUN), "most": MOST, "mostWords": MOST_WORDS, "longest": LONGEST,
    }  # fmt: skip


def keep(session: Session, entry: Entry) -> None:
    """Let a published entry be found by its words, and any other by none."""
    session.execute(delete(SearchWord).where(SearchWord.entry_id == entry.id))
    found = words_of(entry.text, entry.caption, entry.alt) if entry.published_on else ()
    if found:
        rows = [{"word": word, "published_on": entry.published_on, "entry_id": entry.id} for word in sorted(found)]
        session.execute(insert(SearchWord), rows)


def folded(text: str) -> str:
    """`text` in small western letters and bare Arabic ones, without accents, vowel signs and tatweel."""
    plain = unicodedata.normalize("NFKD", western_digits(text.casefold()))
    return "".join(char for char in plain if unicodedata.category(char)[0] != "M").translate(_SAME)


def _words(text: str) -> Iterator[str]:
    """Folded words without those of one letter («l'», «و»); an apostrophe parts two words."""
    for word in _WORD.findall(folded(text)):
        if len(word) > 1 or word.isdigit():
            yield word[:LONGEST]


def _looked_for(word: str) -> str:
    """Without the article, or without the sign of several (French, English)."""
    if not _ARABIC.search(word):
        return _single(word)
    return max(_without_start(word, _ARTICLES), key=lambda rest: len(word) - len(rest), default=word)


def _forms(word: str) -> set[str]:
    """A word as it is, without what is joined to its start, and each of these without its ending."""
    if not _ARABIC.search(word):
        return {_single(word)}
    starts, new = {word}, {word}
    while new:
        new = {rest for form in new for rest in _without_start(form, _ARTICLES + _JOINED)} - starts
        starts |= new
    return starts | {rest for form in starts for rest in _without_end(form)}


def _without_start(word: str, starts: tuple[tuple[str, int], ...]) -> Iterator[str]:
    for start, least in starts:
        rest = word.removeprefix(start)
        # «للعب» is «ل» before «لعب»: two of them are never one by chance.
        least = _LEAST if start == "ل" and rest.startswith("ل") else least
        if rest != word and len(rest) >= least and rest not in _NO_NOUN:
            yield rest


def _without_end(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _LEAST:
            yield rest
            if ending == "ات":  # «معلومات» is several of «معلومة»
                yield f"{rest}ه"
            if rest.endswith("ت") and len(rest) > _LEAST:  # «صديقتي» is «صديقة»
                yield f"{rest[:-1]}ه"
                yield rest[:-1]
            if rest.endswith("ات"):  # «معلوماتي»
                yield from _without_end(rest)


def _single(word: str) -> str:
    """One of several, well enough where both go the same way: «amis», «réseaux», «journaux», «friends»."""
    if len(word) < 4 or word[-1] not in "sx":
        return word
    if word.endswith("aux") and len(word) > 4 and word[-4] != "e":
        return f"{word[:-3]}al"
    return word[:-1]
