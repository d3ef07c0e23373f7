"""The words by which what is published is found, and those of what is published already.

How they are folded stands here as it was on that day (`memes/search.py`): a migration does the same for ever.
"""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ENTRIES = sa.table(
    "entries", sa.column("id", sa.Uuid()), sa.column("published_on", sa.Date()),
    *(sa.column(name, sa.Text()) for name in ("text", "caption", "alt")),
)  # fmt: skip


def upgrade() -> None:
    words = op.create_table(
        "search_words",
        sa.Column("word", sa.String(40), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("word", "published_on", "entry_id", name="pk_search_words"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_search_words_entry_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_words_entry_id", "search_words", ["entry_id"])
    published = sa.select(ENTRIES).where(ENTRIES.c.published_on.is_not(None))
    for row in op.get_bind().execute(published).all():
        found = {form for text in (row.text, row.caption, row.alt) for word in _words(text) for form in _forms(word)}
        if found:
            op.bulk_insert(
                words, [{"word": word, "published_on": row.published_on, "entry_id": row.id} for word in sorted(found)]
            )


_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
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


def _folded(text: str) -> str:
    """`text` in small western letters and bare Arabic ones, without accents, vowel signs and tatweel."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_WESTERN))
    return "".join(char for char in plain if unicodedata.category(char)[0] != "M").translate(_SAME)


def _words(text: str) -> Iterator[str]:
    """Folded words without those of one letter («l'», «و»); an apostrophe parts two words."""
    for word in _WORD.findall(_folded(text)):
        if len(word) > 1 or word.isdigit():
            yield word[:40]


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
