"""Texts made to hurt: each is answered, what is stored is clean, and no pattern counts for ever."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright._impl._driver import compute_driver_executable
from sqlalchemy import select

from memes import guard, receipts
from memes.db import Database
from memes.models import Entry
from memes.schools import deck
from memes.settings import Settings
from memes.text import clean
from tests.hostile.patterns import ROOT, bombs, compiled, in_scripts
from tests.memes.test_intake import fields

#: Patterns that read nothing but the project's own files.
OWN_FILES = ("memes.assets", "workers.drawings")
SIZE = 100_000
#: Seconds of CPU. A pattern whose work grows with the square needs a hundred times as many for SIZE, on any machine; the
#: goal of 0.05 is what is measured and kept as a figure, because a busy machine may take longer.
MOST = 1.0
TEXTS: dict[str, str] = {
    "bidi": "\u202eqala\u2066 hna\u2069\u200f",
    "zalgo": "Z" + "\u0336\u0489" * 900,
    "nul": "a\0b\0c",
    "tags": "oui\U000e0041\U000e007f" * 99,
    "newlines": "a" + "\n" * 100_000 + "b",
    "a million newlines": "\n" * 1_000_000,
    "100 kB": "ا" * 50_000,
    "joiners": "\u200d\u200c" * 5_000,
    "nothing to see": "\u200b\u2060\ufeff\u3164" * 50,
    "surrogates": "mot\ud800\udfff",
    "grows": "\ufdfa" * 500,
    "private": "\ue000\U000f0000",
    "template": "{{ 7 * 7 }}{% raw %}${7*7}<%= 7 %>",
    "script": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "query": "' OR 1=1; DROP TABLE entry; --",
    "format": "%s%n%x{0.__class__}{settings}",
    "header": "mot\r\nSet-Cookie: a=b\r\n\r\n",
    "line ends": "a\u2028b\u2029c\x85d\ve\ff",
    "marks first": "\u0301\u0651mot",
    "digits": "٠١٢٣۴۵" * 300,
    "emoji": "👩🏽\u200d🤝\u200d👨🏿" * 80,
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As many as one likes from one network."""
    return replace(settings, limits=False)


def test_no_pattern_takes_long_over_100_kb(figure: Callable[..., None], thorough: bool) -> None:
    slow, dearest, patterns = {}, 0.0, compiled()
    for where, pattern in patterns.items():
        if where.startswith(OWN_FILES):
            continue
        source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
        for number, text in enumerate(bombs(source, SIZE)):
            if number % 3 and not thorough:
                continue
            began = time.process_time()
            pattern.search(text if isinstance(pattern.pattern, str) else text.encode())
            taken = time.process_time() - began
            dearest = max(dearest, taken)
            if taken > MOST:
                slow[where] = text[:10]
    figure("hostile.patterns", len(patterns), unit="patterns")
    figure("hostile.dearest_pattern", round(dearest * 1000), goal="< 50", unit="ms of CPU")
    assert len(patterns) > 50
    assert slow == {}


@pytest.mark.parametrize("read", [clean, guard.find, receipts.parse, deck.parts], ids=lambda read: read.__name__)
def test_no_reader_of_texts_takes_long_over_100_kb(read: Callable[[str], object]) -> None:
    for text in list(bombs("0123456789oOiIلا", SIZE))[::4]:
        began = time.process_time()
        read(text)
        assert time.process_time() - began < 5 * MOST, text[:10]


def test_no_pattern_of_a_script_takes_long_over_100_kb(figure: Callable[..., None]) -> None:
    patterns = in_scripts()
    asked = {where: [source, flags, list(bombs(source, 40))] for where, (source, flags) in patterns.items()}
    program = f"""
      import {{ Guard }} from "file://{ROOT}/static/js/guard.js";
      import {{ readFileSync }} from "node:fs";
      const guard = new Guard(JSON.parse(readFileSync("{ROOT}/memes/data/guard.json", "utf8")));
      const asked = JSON.parse(readFileSync(0, "utf8")), took = {{}};
      const time = (where, work) => {{
        const began = process.cpuUsage().user;
        work();
        took[where] = Math.max(took[where] ?? 0, (process.cpuUsage().user - began) / 1e6);
      }};
      for (const [where, [source, flags, units]] of Object.entries(asked))
        for (const unit of units) {{
          const text = unit.slice(0, -1).repeat({SIZE} / (unit.length - 1)) + unit.at(-1);
          time(where, () => new RegExp(source, flags.replace("g", "")).test(text));
        }}
      for (const unit of [" ", "a ", "0", "0 ", "a@", "wa ", "ا", "\\u0301", "snap "])
        time("guard.find", () => guard.find(unit.repeat({SIZE} / unit.length)));
      console.log(JSON.stringify(took));
    """
    node = compute_driver_executable()[0]
    done = subprocess.run(
        [node, "--input-type=module", "-e", program], input=json.dumps(asked), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    took: dict[str, float] = json.loads(done.stdout)
    finds = took.pop("guard.find")
    figure("hostile.dearest_script_pattern", round(max(took.values()) * 1000), goal="< 50", unit="ms of CPU")
    assert {where: seconds for where, seconds in took.items() if seconds > MOST} == {}
    assert finds < 5 * MOST
    assert len(took) == len(patterns) > 20


def sent(text: str) -> bytes:
    """As a program sends it, also what is no text at all."""
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)], indirect=True
)
def test_the_form_and_the_api_answer_every_text_in_every_field(
    client: FlaskClient, database: Database, thorough: bool
) -> None:
    names = [
        *fields(),
        "caption",
        "alt",
        "age",
        "region",
        "mood",
        "nickname",
        "class_code",
        "key",
        "altcha",
        "ticket",
        "made",
        "told",
        "website",
    ]
    for number, (name, text) in enumerate(TEXTS.items()):
        chosen = names if thorough else [names[number % len(names)], "text"]
        for field in chosen:
            asked: dict[str, Any] = fields(told="yes", kind="story") | {field: sent(text)}
            for path in ("/fr/share/story", "/api/v1/entries"):
                asked["consent_gallery"] = asked.get("consent_gallery") if field == "consent_gallery" else "true"
                answer = client.post(path, data=multipart_of(asked), content_type="multipart/form-data; boundary=x")
                assert answer.status_code in {200, 201, 303, 413, 422, 429}, (name, field, path, answer.status_code)
                assert "Set-Cookie" not in answer.headers
                assert "<script>alert(1)</script>" not in answer.text or path.startswith("/api/")
        for path, data in (
            ("/fr/receipt", {"receipt": sent(text)}),
            ("/ar/receipt", {"receipt": b"0" * 16, "code": sent(text)}),
        ):
            answer = client.post(path, data=multipart_of(data), content_type="multipart/form-data; boundary=x")
            assert answer.status_code in {200, 404, 413, 422, 429}, (name, path, answer.status_code)
        for body in ({"receipt": text}, {"receipt": [text]}, text):
            answer = client.post("/api/v1/receipts", data=json.dumps(body), content_type="application/json")
            assert answer.status_code in {404, 413, 422, 429}, name
        if len(text) < 5_000:
            answer = client.get(
                "/api/v1/gallery", query_string={"q": sent(text), "after": sent(text), "limit": sent(text)}
            )
            assert answer.status_code == 200, name
            assert client.get("/fr/gallery", query_string={"q": sent(text), "theme": sent(text)}).status_code == 200, (
                name
            )
    with database.reads() as session:
        kept = session.scalars(select(Entry)).all()
    assert len(kept) > 10
    for entry in kept:
        for words in (entry.text, entry.caption, entry.alt):
            assert words == clean(words)
            words.encode()


def multipart_of(asked: dict[str, Any]) -> bytes:
    """A form whose values may be bytes."""
    parts = []
    for name, value in asked.items():
        body = value if isinstance(value, bytes) else str(value).encode()
        parts.append(b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + body + b"\r\n")
    return b"".join(parts) + b"--x--\r\n"
