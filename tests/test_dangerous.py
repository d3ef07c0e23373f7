"""What the program never does, read from its own lines. `make lint` asks for more (bandit's rules, in ruff)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for name in ("memes", "moderation", "workers") for path in ROOT.glob(f"{name}/**/*.py")) + [
    ROOT / "wsgi.py"
]

#: Turn words into deeds, or bytes into objects.
NEVER_CALLED = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "render_template_string", "tempfile.mktemp",
    "hashlib.md5", "hashlib.sha1", "yaml.load", "ElementTree.fromstring", "ElementTree.parse", "ElementTree.XML",
}  # fmt: skip
#: Libraries that nothing here needs: for objects from bytes, chance that can be foreseen, mail, other machines.
NEVER_IMPORTED = {
    "pickle", "marshal", "shelve", "dill", "yaml", "random", "telnetlib", "ftplib", "smtplib", "imaplib", "ldap3", "pymemcache",
    "requests", "httpx", "aiohttp", "urllib.request", "lxml", "xmlrpc", "jwt", "asyncio",
}  # fmt: skip
#: File -> what it may nevertheless, and why.
ALLOWED = {
    "workers/drawings.py": {"ElementTree.fromstring", "ElementTree.parse"},  # our own drawings, in the repository
}


def name_of(node: ast.expr) -> str:
    """`a.b.c` as it is written; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := name_of(node.value)):
        return f"{before}.{node.attr}"
    return ""


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield name_of(node.func), node


def imports(path: Path) -> set[str]:
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, node.module.split(".")[0]}
    return found


def test_words_never_become_deeds() -> None:
    for path in SOURCES:
        allowed = ALLOWED.get(str(path.relative_to(ROOT)), set())
        assert {name for name, _call in calls(path)} & NEVER_CALLED <= allowed, path
        assert not imports(path) & NEVER_IMPORTED, path
        for name, call in calls(path):
            shell = {keyword.arg: keyword.value for keyword in call.keywords}.get("shell")
            assert shell is None or (isinstance(shell, ast.Constant) and shell.value is False), (path, name)
            first = call.args[0] if call.args else None
            # A name in capitals was made when the program began, of names of ours: nobody has sent anything yet.
            written = first is None or isinstance(first, ast.Constant) or (isinstance(first, ast.Name) and first.id.isupper())
            assert written or name != "text", f"{path}: SQL is written, never put together"
            assert written or not name.startswith("_log."), f"{path}: what is logged is a sentence of ours"


def test_every_word_list_of_what_is_never_done_can_fail(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("import pickle\nhashlib.md5(b'')\n")
    assert {name for name, _call in calls(bad)} & NEVER_CALLED
    assert imports(bad) & NEVER_IMPORTED


def test_cryptography_comes_from_known_libraries() -> None:
    makers = {"hashlib.sha256", "hashlib.file_digest", "hashlib.scrypt"}
    for path in SOURCES:
        low = {
            name
            for name in imports(path)
            if name.startswith(("Crypto", "OpenSSL", "cryptography.hazmat.primitives.ciphers.modes"))
        }
        assert not low, path
        assert {name for name, _call in calls(path) if name.startswith("hashlib.")} <= makers, path


def test_secrets_are_compared_in_constant_time() -> None:
    """What is secret is looked for by the database under its digest, or compared by hmac."""
    words = ("secret", "token", "seal", "mac", "signature")
    for path in SOURCES:
        for node in nodes(path):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                sides = [name_of(side) for side in (node.left, *node.comparators)]
                of_a_query = any(side[:1].isupper() for side in sides)
                if not of_a_query and any(side.rpartition(".")[2] in words for side in sides):
                    pytest.fail(f"{path}: {ast.unparse(node)}")


def test_a_pattern_is_written_never_typed() -> None:
    """What is put into a regular expression is a constant of ours, or the operator's own list, which is escaped."""
    for path in SOURCES:
        constants = {target.id for node in nodes(path) if isinstance(node, ast.Assign | ast.For | ast.comprehension)
                     for target in ast.walk(node.targets[0] if isinstance(node, ast.Assign) else node.target)
                     if isinstance(target, ast.Name)}  # fmt: skip
        for name, call in calls(path):
            if (
                name in ("re.compile", "re.sub", "re.search", "re.match", "re.fullmatch", "re.findall", "re.split")
                and call.args
            ):
                names = {node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)}
                assert names <= constants | {"pattern", "range"}, (path, ast.unparse(call))


def test_no_secret_stands_in_the_code() -> None:
    for path in [*SOURCES, ROOT / "deploy" / "instamemes.env.example", ROOT / "deploy" / "nginx.conf"]:
        words = path.read_text(encoding="utf-8")
        assert "PRIVATE KEY" not in words
        assert not re.search(r"(?i)(secret_key|password|token|api_key)\s*=\s*[\"']?[A-Za-z0-9+/_-]{16,}", words), path
