"""The words of the platform: complete in three languages, none left over, none that talks down to a girl or to a boy."""

import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = {"ar": "ar_MA", "fr": "fr", "en": "en"}

#: Keys that no file names in full, by the prefix that a program adds to. Keep it short: each hides unused texts.
DYNAMIC: tuple[str, ...] = ()

#: Texts that came with the campaign's words for pages to come (schools, local hints while writing).
FOR_LATER = ("class.", "warn.")

_CALL = re.compile(r"""(?<![\w.])(?:_|gettext|lazy_gettext|ngettext|lazy_ngettext|_n|_l)\(\s*(["'])([a-z][\w.]*)\1""")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def catalog(language: str) -> Catalog:
    """The catalog as it is written, not as it was last compiled."""
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return pofile.read_po(file, locale=LANGUAGES[language])


def key(message: Message) -> str:
    """A message's key, whether it has plural forms or not."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    """All sentences of a message."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def texts(language: str) -> dict[str, tuple[str, ...]]:
    """Key -> sentences."""
    return {key(message): forms(message) for message in catalog(language) if message.id}


def sources() -> Iterator[Path]:
    """Every file that may name a text."""
    yield from (ROOT / "templates").rglob("*.html")
    for package in ("memes", "moderation", "workers"):
        yield from (ROOT / package).rglob("*.py")
    yield ROOT / "wsgi.py"


def used() -> dict[str, Path]:
    """Key -> a file that names it."""
    return {match[2]: path for path in sources() for match in _CALL.finditer(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_a_page_names_exists(language: str) -> None:
    known = texts(language)
    missing = {name: str(path.relative_to(ROOT)) for name, path in used().items() if name not in known}
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert not [
        name for name, sentences in texts(language).items() if not all(sentence.strip() for sentence in sentences)
    ]


def test_the_three_catalogs_hold_the_same_keys() -> None:
    arabic, french, english = (set(texts(language)) for language in LANGUAGES)
    assert arabic == french == english


def test_no_text_is_left_over() -> None:
    named = used()
    left = [name for name in texts("ar") if name not in named and not name.startswith((*DYNAMIC, *FOR_LATER))]
    assert not left


def test_placeholders_agree_across_languages() -> None:
    def placeholders(language: str) -> dict[str, set[str]]:
        # The plural forms for none and one may leave the number out.
        return {name: set(_PLACEHOLDER.findall(forms[-1])) for name, forms in texts(language).items()}

    arabic = placeholders("ar")
    for language in ("fr", "en"):
        other = placeholders(language)
        assert {name for name in arabic if arabic[name] != other[name]} == set()


def test_placeholders_are_given_where_the_text_is_used() -> None:
    """A call that forgets a placeholder would raise only on the page that has it."""
    wanted = {name: set(_PLACEHOLDER.findall(sentences[-1])) - {"num"} for name, sentences in texts("en").items()}
    for path in sources():
        source = path.read_text(encoding="utf-8")
        for match in _CALL.finditer(source):
            names = wanted.get(match[2], set())
            call = source[match.start() : match.start() + 400]
            assert all(f"{name}=" in call for name in names), f"{path.name}: {match[2]} needs {sorted(names)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_into_attributes(language: str) -> None:
    """They are put into quoted attributes and are trusted as they stand, so they hold no quote, tag or ampersand."""
    assert not [name for name, sentences in texts(language).items() if re.search(r'["<>&]', "".join(sentences))]


@pytest.mark.parametrize(
    ("number", "days"),
    [(0, "أقل من يوم"), (1, "يوم واحد"), (2, "يومين"), (3, "3 أيام"), (11, "11 يومًا"), (100, "100 يوم")],
)
def test_arabic_counts_in_six_ways(number: int, days: str) -> None:
    arabic = catalog("ar")
    assert arabic.num_plurals == 6
    sentence = texts("ar")["plural.days"][_plural_form(arabic.plural_expr, number)]
    assert sentence % {"num": number} == days


def test_every_arabic_plural_has_six_forms() -> None:
    plurals = [message for message in catalog("ar") if message.id and not isinstance(message.id, str)]
    assert plurals
    assert all(len(forms(message)) == 6 for message in plurals)


# What a girl or a boy would read as addressed to the other. Left out: forms that are also nouns or past tenses.
_IMPERATIVES = (
    "اكتب", "اكتبي", "اختر", "اختاري", "أرسلي", "ارسل", "اضغط", "اضغطي", "انقر", "انقري", "شارك", "شاركي",
    "أضف", "أضيفي", "احذف", "احذفي", "احفظ", "احفظي", "انسخ", "انسخي", "اقرأ", "اقرئي", "انتظر", "انتظري", "حاول",
    "حاولي", "تحدث", "تحدثي", "أخبر", "أخبري", "اتصل", "اتصلي", "ابحث", "ابحثي", "افتح", "افتحي", "ارسم", "ارسمي",
    "تذكر", "تذكري", "استعمل", "استعملي", "استخدم", "استخدمي", "تأكد", "تأكدي", "اسحب", "اسحبي", "جرب", "جربي",
)  # fmt: skip
_SECOND_PERSON = (
    "تحتاج", "تحتاجين", "تريد", "تريدين", "تستطيع", "تستطيعين", "تكتب", "تكتبين", "ترسل", "ترسلين", "أنتِ", "أنتَ", "أنت",
)  # fmt: skip
#: These keys speak of a thing in the third person, or quote; each was read by a person.
_ARABIC_ALLOWED: dict[str, str] = {"receipt.explain": "أنت", "anon.limits": "أنت"}


def test_arabic_speaks_to_girls_and_boys_alike() -> None:
    """No imperative and no second-person present: both would choose a gender (`أنت` unvowelled reads as either)."""
    words = re.compile(rf"(?<!\w)[وف]?({'|'.join((*_IMPERATIVES, *_SECOND_PERSON))})(?!\w)")
    found = {
        name: hit[1]
        for name, sentences in texts("ar").items()
        for sentence in sentences
        if not name.startswith(("desk.", "signin.")) and (hit := words.search(sentence))
    }
    assert {name: word for name, word in found.items() if _ARABIC_ALLOWED.get(name) != word} == {}


def test_arabic_uses_western_digits() -> None:
    assert not [name for name, sentences in texts("ar").items() if re.search("[٠-٩۰-۹]", "".join(sentences))]


def test_french_has_its_no_break_spaces() -> None:
    wrong = re.compile("(?<=[^\u00a0\u202f:;?!\u2026.])[?!;»]|(?<=[^\u00a0\u202f]):(?!//|\\d)|«(?![\u00a0\u202f])")
    assert not [name for name, sentences in texts("fr").items() if wrong.search("".join(sentences))]


def _plural_form(expression: str, number: int) -> int:
    """Evaluate a gettext plural expression the way the standard library does."""
    return int(gettext.c2py(expression)(number))  # type: ignore[attr-defined]
