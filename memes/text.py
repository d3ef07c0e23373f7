"""Harmless text: what somebody typed, without the characters that hide, reorder or pile up. Standard library only.

Everything here takes time in proportion to the text. That is not a matter of course: `unicodedata.normalize` sorts
the marks of one base with an insertion sort and needs 1.6 s for 40 000 of them, so they are thinned out before.
"""

import re
import unicodedata

#: Marks that may stand on one base. Arabic needs 3 (shadda, vowel sign, small alef), a keycap 2, Vietnamese 0 in NFC.
MOST_MARKS = 4
#: Marks that normalisation may have to sort, before they are composed or cut to MOST_MARKS.
_MOST_RAW_MARKS = 16

_ZWNJ, _ZWJ = "\u200c", "\u200d"

#: All the ways to end a line; the form feed and its like would otherwise glue two words together when dropped.
_LINE_END = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
#: Look like a space but are not one: tab, and the empty Braille cell with which "empty" texts are sent.
_BLANK = re.compile(r"[\t\u2800]")
#: Characters of no honest use in a child's text. Kept on purpose: visible Arabic signs (U+0600..0605, 06DD, 08E2) and
#: unassigned code points, since every new emoji is unassigned for an older Python.
_UNWANTED = re.compile(
    "["
    r"\x00-\x09\x0b-\x1f\x7f-\x9f"  # controls but the line feed
    r"\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # soft hyphen, zero width, direction controls
    r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # letters and marks that nobody can see
    r"\ufe00-\ufe0d\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # variants but of emoji, specials, format
    r"\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"  # halves of pairs, private use, noncharacters
    + "".join(f"\\U000{plane:x}fffe\\U000{plane:x}ffff" for plane in range(1, 13))
    + r"\U000dfffe-\U0010ffff"  # tags, more variants, the private planes, and what no plane will ever hold
    "]"
)
_ARABIC_LETTER = re.compile(
    r"[\u0620-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u0870-\u0887\u088a-\u08c9"
    r"\ufb50-\ufbb1\ufbd3-\ufdfb\ufe70-\ufefc]"
)
#: What emoji sequences are joined from (source: Unicode's emoji-zwj-sequences, by block so that new ones pass).
_PICTURE = re.compile(r"[\u2194\u2195\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
#: U+FE0E and U+FE0F (as text, as picture) behind what has no two such forms (source: emoji-variation-sequences).
_STRAY_VARIANT = re.compile(
    r"(?<![#*0-9\xa9\xae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf-\u23fa\u24c2\u25aa-\u25fe"
    r"\u2600-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])[\ufe0e\ufe0f]"
)
_TOO_MANY_BLANK_LINES = re.compile(r"\n{4,}")

_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def clean(text: str, *, lines: bool = True) -> str:
    """`text` in NFC without hidden characters, with at most two blank lines in a row, or as one line unless `lines`.

    Cleaning twice changes nothing more. The result may be empty; its length is the caller's to judge.
    """
    text = _LINE_END.sub("\n", text)
    text = _UNWANTED.sub("", _BLANK.sub(" ", text))
    text = _STRAY_VARIANT.sub("", _without_idle_joiners(text))
    text = _thinned(unicodedata.normalize("NFC", _thinned(text, _MOST_RAW_MARKS)), MOST_MARKS)
    rows = text.split("\n")
    if not lines:
        return " ".join(row for row in map(str.strip, rows) if row)
    return _TOO_MANY_BLANK_LINES.sub("\n\n\n", "\n".join(map(str.rstrip, rows))).strip()


def western_digits(text: str) -> str:
    """The same text with Arabic-Indic and Persian digits as 0 to 9."""
    return text.translate(_WESTERN)


def _without_idle_joiners(text: str) -> str:
    """Keep a joiner where it changes what is seen: between two Arabic letters, or in an emoji made of several.

    Anywhere else it only serves to hide a word from a filter. Of several in a row the last one stays.
    """
    if _ZWNJ not in text and _ZWJ not in text:
        return text
    kept = []
    base = ""
    for place, char in enumerate(text):
        if char in (_ZWNJ, _ZWJ):
            if not _joins(base, char, text[place + 1 : place + 2]):
                continue
        elif not unicodedata.category(char).startswith("M"):
            base = char
        kept.append(char)
    return "".join(kept)


def _joins(before: str, joiner: str, after: str) -> bool:
    if _ARABIC_LETTER.match(before) and _ARABIC_LETTER.match(after):
        return True
    return joiner == _ZWJ and bool(_PICTURE.match(before) and _PICTURE.match(after))


def _thinned(text: str, most: int) -> str:
    """No more than `most` marks in a row."""
    marks = {char for char in set(text) if unicodedata.category(char).startswith("M")}
    if not marks:
        return text
    kept = []
    row = 0
    for char in text:
        row = row + 1 if char in marks else 0
        if row <= most:
            kept.append(char)
    return "".join(kept)
