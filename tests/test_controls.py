"""docs/controls.md says what the code does: its numbers are the code's, the files it names are there."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from memes import attachments, drafts, gate, receipts, text, uploads, web
from memes.settings import MEGABYTE, Settings
from moderation import attempts, invitations, passwords, recovery_codes, second_factor, sessions
from moderation.signin import views as signin
from tests.test_asvs import names_in
from workers import render

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")

LIMITS = Settings(home=ROOT, secret_key="", database_url="", redis_url="", media_url="")


def minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


SAID = {
    "What is taken in": [
        f"{drafts.LIMITS['text']} characters; caption {drafts.LIMITS['caption']}; description of a picture {drafts.LIMITS['alt']}",
        f"at most {text.MOST_MARKS} marks",
        f"at most {LIMITS.image_limit // MEGABYTE} MB", f"{uploads.MAX_PIXELS:,} pixels (".replace(",", " "),
        f"({uploads.MAX_PIXELS_DRAWN:,} in".replace(",", " "), f"{uploads.MAX_SIDE} pixels a side",
        f"PDF {attachments.LIMITS['pdf'] // MEGABYTE} MB, MP4 and WebM {attachments.LIMITS['mp4'] // MEGABYTE} MB, WebVTT 0.5 MB",
        f"{LIMITS.body_limit // MEGABYTE} MB and 50 parts", f"{receipts.LENGTH} digits",
        f"{gate.FREE} sendings in {gate.WINDOW // 60} minutes",
        f"{render.CPU_SECONDS} s of processor, {render.WALL_SECONDS:.0f} s by the clock and {render.MEMORY // MEGABYTE} MB",
    ],
    "Signing in": [
        f"{passwords.SHORTEST} to {passwords.LONGEST} characters", "zxcvbn", "Argon2id (19 MiB, 2 rounds)",
        f"first {attempts.FREE} wrong tries",
        f"from {attempts.FIRST_WAIT} seconds up to {attempts.LONGEST_WAIT // 60} minutes", f"{signin.SPRAY} tries a minute",
        f"{recovery_codes.DIGITS} digits",
        f"within {minutes(invitations.GOOD_FOR) // 60} hours", f"its {second_factor._STEP} seconds",
    ],
    "Sessions": [
        f"{minutes(sessions.IDLE)} minutes after the last request, {minutes(sessions.ABSOLUTE) // 60} hours after its beginning",
        f"within {minutes(sessions.FRESH)} minutes", "`__Host-desk`",
    ],
    "Who may what": ["moderation/roles.py"],
    "Keys and algorithms": ["SECRET_KEY", "X25519", "Argon2id", "SHA-256"],
    "Connections": ["tests/faults/test_egress.py", "/readyz"],
    "Kinds of data": ["operating.md"],
    "Libraries": ["requirements.lock", "make audit", "make sbom", "within\n2 days", "within 14 days", "within 90 days"],
    "What is written down": ["UTC", "chained"],
    "Browsers": ["TLS 1.2"],
}  # fmt: skip


@pytest.mark.parametrize("title", SAID)
def test_each_part_says_what_the_code_does(title: str) -> None:
    part = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert part, f"no part: {title}"
    for words in SAID[title]:
        assert words in part[1], words


def test_every_part_is_compared_and_every_file_it_names_is_there() -> None:
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE) == list(SAID)
    named = re.findall(r"`([\w./-]+/[\w./-]+|[\w-]+\.(?:md|csv|lock))`", PAGE)
    assert len(named) > 20
    for path in named:
        if not path.startswith("/"):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", ["threat-model.md"])
def test_every_file_and_test_that_a_page_names_is_there(page: str) -> None:
    words = (ROOT / "docs" / page).read_text(encoding="utf-8")
    tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", words)
    assert len(tests) > 20
    for path, name in tests:
        assert name in names_in(ROOT / path), f"{path}::{name}"
    for path in re.findall(r"`((?:memes|moderation|workers|static|deploy|tests)/[\w./-]+)`", words):
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\(([\w-]+\.md)", words):
        assert (ROOT / "docs" / link).exists(), link


def test_forms_have_as_many_parts_as_is_said() -> None:
    assert "MAX_FORM_PARTS=50" in Path(web.__file__).read_text(encoding="utf-8")
