"""Who may import whom, read from the imports themselves."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("memes", "moderation", "workers", "wsgi")
MODULES = sorted(
    path.relative_to(ROOT) for name in PACKAGES for path in [*ROOT.glob(f"{name}/**/*.py"), *ROOT.glob(f"{name}.py")]
)

ALLOWED = {"wsgi": {"wsgi", "memes", "moderation", "workers"}, "moderation": {"moderation", "memes"},
           "workers": {"workers", "memes"}, "memes": {"memes"}}  # fmt: skip

#: Inside memes, from the ground up. A module imports its own floor or a lower one.
GROUND = {"errors", "lifecycle", "lanes", "settings", "db", "ports", "models", "storage", "receipts", "privacy", "text", "taxonomy",
          "drafts", "guard", "uploads", "formats", "s3", "log", "messages", "quorum", "limits", "gate", "valkey", "processes",
          "answers", "lessons", "likenesses", "making", "running", "school_models", "search", "articles", "markdown", "films",
           "columns", "keys", "vault", "letters", "pictures", "pieces", "envelope", "seals", "counts", "output",
          "public_state", "lease", "public_totals", "places", "broker", "children", "listening"}  # fmt: skip
VERBS = {"backup", "backup_keys", "classes", "encrypting", "collections", "consents", "verify", "entries", "publishing",
         "redaction", "sealing", "sending", "published", "help", "writing", "first_reading", "attachments", "retention", "recall",
         "figures", "supervisor", "readiness", "metrics"}  # fmt: skip
EDGE = {"web", "in_place", "assets", "compression", "opening", "kept", "pages", "article_pages", "help_pages", "status", "health",
        "cli"}  # fmt: skip
ROOMS = {"intake", "gallery", "schools", "campaign", "api"}
#: Where Flask may appear.
FLASK = (
    "wsgi.py", "memes/web.py", "memes/assets.py", "memes/compression.py", "memes/kept.py", "memes/pages.py",
    "memes/article_pages.py", "memes/help_pages.py", "memes/health.py", "memes/cli.py", "memes/api/", "views.py", "forms.py",
    "moderation/__init__.py", "moderation/door.py",
)  # fmt: skip
FLOORS = [{""}, GROUND, VERBS, EDGE, ROOMS]


def imports(path: Path) -> set[str]:
    """Dotted names of the project's own modules that a file imports, at any depth."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own(names: set[str]) -> set[str]:
    return {name for name in names if name.split(".")[0] in PACKAGES}


def room(name: str) -> str:
    """The part of `memes` that a dotted name lies in."""
    return (name.split(".") + [""])[1]


def floor(part: str) -> int:
    return next(level for level, parts in enumerate(FLOORS) if part in parts)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_package_imports_only_what_stands_below_it(path: Path) -> None:
    package = path.parts[0].removesuffix(".py")
    assert {name.split(".")[0] for name in own(imports(path))} <= ALLOWED[package]


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.parts[0] == "memes" and len(path.parts) > 1], ids=str
)
def test_inside_memes_nothing_imports_upwards_and_rooms_do_not_meet(path: Path) -> None:
    here = path.parts[1].removesuffix(".py").replace("__init__", "")
    for name in own(imports(path)):
        there = room(name)
        if there in set().union(*FLOORS):
            assert floor(there) <= floor(here), f"{path} imports {name}"
            assert not (here in ROOMS and there in ROOMS and here != there), f"{path} imports {name}"


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("flask", FLASK),
        ("PIL", ("workers/images.py", "workers/pixels.py", "workers/drawings.py")),
        ("celery", ("workers/",)),
        ("cv2", ("workers/faces.py", "workers/pixels.py")),
        ("typst", ("workers/_setter.py",)),
        ("prometheus_client", ("memes/metrics.py",)),
    ],
)  # fmt: skip
def test_a_library_stays_in_its_place(library: str, allowed: tuple[str, ...]) -> None:
    for path in MODULES:
        if library in {name.split(".")[0] for name in imports(path)}:
            assert any(str(path).startswith(place) or path.name == place for place in allowed), (
                f"{path} imports {library}"
            )


def test_lifecycle_needs_nothing_but_the_standard_library() -> None:
    assert own(imports(Path("memes/lifecycle.py"))) <= {"memes.errors", "memes.errors.IllegalTransition"}


def test_only_settings_reads_the_environment() -> None:
    # The supervisor passes it on to the parts it starts, and reads nothing in it.
    readers = {str(path) for path in MODULES if "os.environ" in (ROOT / path).read_text(encoding="utf-8")}
    readers |= {str(path) for path in MODULES if "getenv" in (ROOT / path).read_text(encoding="utf-8")}
    assert readers <= {"memes/settings.py", "memes/supervisor.py"}
