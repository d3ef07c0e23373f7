"""Mozilla's HTTP Observatory judges the gallery, the form and the desk's door, through nginx and TLS as in production."""

import json
import os
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import tools
from tests.deploy.test_nginx import open_site

pytestmark = pytest.mark.thorough

#: A+ begins at 100; more than that are points for what nobody has to do.
LEAST = 125
PAGES = {"gallery": "/ar/gallery", "share": "/ar/share/story", "desk": "/desk/sign-in"}


def test_the_observatory_gives_its_best_mark(tmp_path: Path, figure: Callable[..., None]) -> None:
    command = tools.observatory()
    assert command, "Needs node and npm (apt-get install nodejs npm) and a network once, or OBSERVATORY=/folder/of/the/package."
    keys = {name: secrets.token_hex(32) for name in ("SECRET_KEY", "INSTAMEMES_ENTRY_KEY")}
    with open_site(tmp_path, INSTAMEMES_ENV="production", **keys) as site:
        environment = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(site.authority)}
        for name, path in PAGES.items():
            done = subprocess.run(
                [*command, f"localhost:{site.tls}{path}"], env=environment, capture_output=True, text=True, timeout=120
            )
            found = json.loads(done.stdout)
            assert "scan" in found, done.stdout + done.stderr
            judged = found["scan"]
            figure(f"observatory.{name}", judged["score"], goal=f">= {LEAST}", unit="points")
            failed = {test: one["result"] for test, one in found["tests"].items() if not one["pass"]}
            assert (judged["grade"], failed) == ("A+", {}), name
            assert judged["score"] >= LEAST, {test: one["scoreModifier"] for test, one in found["tests"].items()}
