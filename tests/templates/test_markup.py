"""What the strict policy and two reading directions ask of templates and style sheets."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
DRAWINGS = sorted((ROOT / "static" / "art").glob("*.svg"))


def name(path: Path) -> str:
    """A test's label."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_templates_hold_nothing_inline(template: Path) -> None:
    markup = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.findall(r"\sstyle\s*=|<style|\son\w+\s*=\s*[\"']|javascript:", markup)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", markup))


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_templates_load_nothing_from_elsewhere(template: Path) -> None:
    assert not re.findall(r"(?:src|href|action|srcset)=\"(?:https?:)?//", template.read_text(encoding="utf-8"))


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_no_form_sends_a_receipt_in_an_address(template: Path) -> None:
    markup = template.read_text(encoding="utf-8")
    assert not re.findall(r"href=\"[^\"]*\{\{\s*receipt", markup)
    for form in re.findall(r"<form.*?</form>", markup, flags=re.DOTALL):
        if 'name="receipt"' in form:
            assert 'method="post"' in form


@pytest.mark.parametrize("sheet", SHEETS, ids=name)
def test_style_sheets_know_no_left_or_right(sheet: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    physical = re.findall(
        r"[{;\s](?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[\w-]*"
        r"|left|right|top|bottom|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
        r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b",
        rules,
    )
    assert not physical


@pytest.mark.parametrize("sheet", SHEETS, ids=name)
def test_style_sheets_name_only_files_that_exist(sheet: Path) -> None:
    for address in re.findall(r"url\(\"([^\"]+)\"\)", sheet.read_text(encoding="utf-8")):
        assert (sheet.parent / address).is_file(), address


@pytest.mark.parametrize("drawing", DRAWINGS, ids=name)
def test_drawings_hold_no_style_script_or_address(drawing: Path) -> None:
    svg = drawing.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"<style|\sstyle=|<script|\son\w+=|href|http|<!--|\sid=", svg)


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_scripts_stay_at_home(script: Path) -> None:
    source = script.read_text(encoding="utf-8")
    assert not re.findall(r"https?://|eval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", source)


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_scripts_listen_to_nobody(script: Path) -> None:
    """No window tells another anything (a service worker hears its own pages alone), and nobody's words become names."""
    source = script.read_text(encoding="utf-8")
    heard = re.findall(r"onmessage|addEventListener\(\"message\"", source)
    assert not heard or script.stem in WORKERS
    assert not re.findall(r"window\.name|document\.domain|window\.opener|__proto__|\.prototype\b|\bwith\s*\(|\bvar\s", source)


#: The one that keeps something where a child asks for it, and what may be said of storage elsewhere: taking that away.
KEEPER, TAKEN_AWAY = "draft", 'localStorage.removeItem("draft")'
#: The one that remembers, in this tab alone, that somebody has left in haste.
EXIT = "exit"
#: The one that remembers, in a pack that lies on a stick, what it must not show any more.
PACK = "pack-recall"
#: Those that keep pages for the time without a network; what they keep is watched in a browser.
WORKERS = ("sw", "screen-sw")


@pytest.mark.parametrize("script", [path for path in SCRIPTS if not path.stem.startswith("desk-")], ids=name)
def test_public_scripts_leave_nothing_on_the_device(script: Path) -> None:
    code = script.read_text(encoding="utf-8").replace(TAKEN_AWAY, "")
    found = set(re.findall(r"localStorage|sessionStorage|indexedDB|cookie|caches\b", code))
    known = {KEEPER: {"localStorage"}, PACK: {"localStorage"}, EXIT: {"sessionStorage"}, **dict.fromkeys(WORKERS, {"caches"})}
    assert found == known.get(script.stem, set())


def test_every_drawing_and_sign_that_a_template_names_exists() -> None:
    signs = set(re.findall(r"'([\w-]+)': '[Mm]", (ROOT / "templates" / "_macros.html").read_text(encoding="utf-8")))
    for template in TEMPLATES:
        markup = template.read_text(encoding="utf-8")
        assert set(re.findall(r"\bart\('([\w-]+)'", markup)) <= {drawing.stem for drawing in DRAWINGS}, template.name
        assert set(re.findall(r"\bicon\('([\w-]+)'", markup)) <= signs, template.name
        for path in re.findall(r"static\('([^'~]+)'\)", markup):
            assert (ROOT / "static" / path).is_file(), f"{template.name}: {path}"


def _declared_fonts() -> Iterator[str]:
    yield from re.findall(
        r"fonts/([\w-]+\.woff2)", (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    )


def test_every_font_comes_with_its_licence() -> None:
    assert set(_declared_fonts()) == {font.name for font in (ROOT / "static" / "fonts").glob("*.woff2")}
    assert len(list((ROOT / "static" / "fonts").glob("OFL-*.txt"))) == 2


def test_what_is_kept_for_the_time_without_a_network_exists() -> None:
    listed = json.loads((ROOT / "static" / "offline.json").read_text(encoding="utf-8"))
    missing = [path for path in listed["files"] if not (ROOT / "static" / path).is_file()]
    assert not missing


def test_a_module_that_is_kept_brings_all_that_it_imports() -> None:
    listed = json.loads((ROOT / "static" / "offline.json").read_text(encoding="utf-8"))["files"]
    modules = [path for path in listed if path.endswith(".js")]
    imported = {
        f"js/{name}" for path in modules
        for name in re.findall(r"""(?:from|import\() ?"\./([\w-]+\.js)""", (ROOT / "static" / path).read_text(encoding="utf-8"))
    }  # fmt: skip
    assert imported
    assert imported <= set(modules)
