"""The guard: what it finds in spite of tricks, what it leaves alone, and that no text can make it slow."""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from memes import entries, guard
from memes.lanes import Lane
from tests import make
from tests.fakes import MemoryStore
from tests.guard.table import HALVES, HARMLESS, sentences


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Callable[[Any], None]]:
    """Puts words of an operator's own in force; afterwards everything is as it was."""

    def write(words: Any) -> None:
        (tmp_path / "guard.json").write_text(json.dumps(words), encoding="utf-8")
        guard.use(tmp_path)

    before = guard._folder
    yield write
    guard.use(before)


def kinds(text: str) -> list[str]:
    return guard.signals(guard.find(text))


def said(text: str) -> list[tuple[str, str]]:
    return [(finding.kind, text[finding.start : finding.end]) for finding in guard.find(text)]


def test_on_sentences_not_used_for_the_rules_it_finds_19_of_20_and_is_wrong_in_1_of_20(figure: Callable[..., None]) -> None:
    asked = sentences("held_out")
    harmless = [sentence for sentence in asked if sentence.kind == HARMLESS]
    telling = [sentence for sentence in asked if sentence.kind != HARMLESS]
    assert len(asked) >= 120
    assert len(harmless) >= 60
    assert sum(sentence.right for sentence in telling) >= 0.95 * len(telling)
    assert sum(not sentence.right for sentence in harmless) <= 0.05 * len(harmless)
    assert {sentence.language for sentence in asked} == {"ar", "da", "dz", "fr", "en"}
    found, alarms = sum(sentence.right for sentence in telling), sum(not sentence.right for sentence in harmless)
    of = f"% of {len(telling)} sentences that were not used for the rules"
    figure("guard.found", round(100 * found / len(telling), 1), goal=">= 95", unit=of)
    figure("guard.false_alarms", round(100 * alarms / len(harmless), 1), goal="<= 5", unit=f"% of {len(harmless)} harmless ones")


def test_every_sentence_that_the_rules_were_written_with_comes_out_right() -> None:
    wrong = [(sentence.text, sentence.found) for sentence in sentences("rules") if not sentence.right]
    assert wrong == []
    assert not {s.text for s in sentences("rules")} & {s.text for s in sentences("held_out")}, HALVES


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("أريد أن أمـــــوت", "danger"),  # tatweel
        ("أُرِيدُ أَنْ أَمُوتَ", "danger"),  # vowel signs
        ("اريد ان اموت", "danger"),  # no hamza
        ("بغيت ن\u200bم\u200cو\u2060ت", "danger"),  # zero width
        ("بغييييت نموووووت", "danger"),  # drawn out
        ("بغيت ن م و ت", "danger"),  # spaced out
        ("ﺑﻐﻴﺖ ﻧﻤﻮﺕ", "danger"),  # presentation forms
        ("je veux m.o.u.r.i.r", "danger"),
        ("je veux m\u043eurir", "danger"),  # a Cyrillic o
        ("I wаnt tо diе", "danger"),  # Cyrillic a, o, e
        ("𝗜 𝘄𝗮𝗻𝘁 𝘁𝗼 𝗱𝗶𝗲", "danger"),  # mathematical bold
        ("ｃｏｎｎａｒｄ", "insult"),  # full width
        ("c0nn4rd", "insult"),
        ("CONNAAAARD", "insult"),
        ("0​6 1​2 3​4 5​6 7​8", "phone"),
        ("٠٦-١٢-٣٤-٥٦-٧٨", "phone"),
        ("(+212) 6.12.34.56.78", "phone"),
        ("０６１２３４５６７８", "phone"),
        ("l i n a @ g m a i l . c o m, lina @ gmail.com", "email"),
    ],
)
def test_tricks_do_not_hide_anything(text: str, kind: str) -> None:
    assert kind in kinds(text)


def test_what_looks_like_something_and_is_nothing_is_left_alone() -> None:
    for text in ("6 + 6 = 12, 0612", "1234 5678 9012 3456", "le 06/07/2024 à 18h30", "photo.jpg", "3.14", "a b c"):
        assert kinds(text) == [], text


def test_a_finding_says_where_it_stands_in_the_text_as_it_was_typed() -> None:
    text = "😀 الرقم: ٠٦ ١٢ ٣٤ ٥٦ ٧٨، و je m’appelle Hamza."
    assert said(text) == [("phone", "٠٦ ١٢ ٣٤ ٥٦ ٧٨"), ("name", "m’appelle Hamza")]
    assert guard.covered(text, guard.find(text)) == "😀 الرقم: […]، و je […]."


def test_what_holds_another_finding_is_found_whole() -> None:
    assert said("écris à sara.b@hotmail.fr") == [("email", "sara.b@hotmail.fr")]
    assert said("son compte c'est sur @lina.k2012") == [("handle", "@lina.k2012")]
    assert said("شكرا لمياء على كل شيء") == [("name", "لمياء")]
    assert said("شكرا لمياء") == [("name", "لمياء")]
    assert said("rejoins t.me/classe3b") == [("link", "t.me/classe3b")]


def test_a_sign_of_danger_is_not_hidden_by_what_surrounds_it() -> None:
    assert {"danger", "name"} <= set(kinds("je m'appelle Sara et je veux mourir"))


def test_no_text_makes_it_slow() -> None:
    repeated = re.compile(r"(?<!\\)(?:[*+]|\{[0-9]+,\})")
    for _, pattern in guard.rules().patterns:
        assert not repeated.search(re.sub(r"\[(?:\\.|[^\]])*\]", "x", pattern.pattern)), pattern.pattern
    for piece in ("i want to ", "je ", "انا ", "a b ", "06 ", "aaaa", "a\u0301\u0301", "College Ibn ", "{a,b} "):
        assert _calls(piece * 400) < 2.5 * _calls(piece * 200), piece


def _calls(text: str) -> int:
    """How many calls the search makes: a count that is the same on every machine."""
    counted: Counter[str] = Counter()
    guard.find(text)
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, arg: counted.update([event]))
    try:
        guard.find(text)
    finally:
        sys.setprofile(before)
    return counted["call"] + counted["c_call"]


def test_an_operator_adds_and_takes_out_words(operator: Callable[[Any], None]) -> None:
    shipped = guard.rules().version
    assert (kinds("zorglub"), kinds("Casablanca"), kinds("my zebra is mean")) == ([], ["place"], [])
    operator({
        "add": {"lists": {"city": ["zorglub"]}, "phrases": {"insult": ["{zebra,zebre} is mean"]}},
        "remove": {"lists": {"city": ["casablanca"]}, "phrases": {"danger": ["suicide"]}},
    })  # fmt: skip
    assert (kinds("zorglub"), kinds("Casablanca"), kinds("my zebra is mean")) == (["place"], [], ["insult"])
    assert guard.rules().version != shipped


def test_a_file_of_words_that_cannot_be_read_stops_the_start(operator: Callable[[Any], None], tmp_path: Path) -> None:
    operator({})
    (tmp_path / "guard.json").write_text("{nothing", encoding="utf-8")
    with pytest.raises(ValueError, match=r"guard\.json"):
        guard.use(tmp_path)


def test_what_is_found_is_kept_by_name_and_danger_and_distress_go_first(session: Session) -> None:
    store = MemoryStore()
    entry = make.pending(session, store=store, text="أريد أن أموت", caption="06 12 34 56 78", alt="un dessin")
    assert (entry.signals, entry.priority, entry.lane) == (["danger", "phone"], 1, Lane.DANGER)
    entries.withdraw(session, entry, store=store)
    assert (entry.signals, entry.priority) == ([], 0)
    sad = make.pending(session, text="J'en peux plus, personne ne m'aime.")
    assert (sad.signals, sad.priority, sad.lane) == (["distress"], 1, Lane.DANGER)
    rude = make.pending(session, text="espèce de connard")
    assert (rude.signals, rude.priority, rude.lane) == (["insult"], 0, Lane.ORDINARY)
