"""Pieces of pages: kept for everybody who reads in a language, so they may know of nobody."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import meta
from sqlalchemy.orm import Session

from memes import pages
from tests.memes.everything import everything

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
#: Template -> the names that it is given, wherever it is named.
PIECES = {
    name: set(re.findall(r"(\w+)=", given))
    for path in TEMPLATES.rglob("*.html")
    for name, given in re.findall(r"piece\([\"']([\w/.]+)[\"']([^{}]*)\) ?\}\}", path.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_piece_knows_the_language_and_what_it_is_given_and_nothing_else(app: Flask) -> None:
    assert len(PIECES) >= 5
    with app.test_request_context("/fr/"):
        same = set(pages._names_in("fr")) | {"art", "static", "dict", "namespace"}
    for name, given in PIECES.items():
        named = meta.find_undeclared_variables(app.jinja_env.parse((TEMPLATES / name).read_text(encoding="utf-8")))
        assert named <= same | given, name


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_of_pieces_that_were_kept_is_the_page_of_pieces_that_were_not(client: FlaskClient, session: Session) -> None:
    paths = everything(session)
    asked = [paths[name] for name in ("gallery.index", "gallery.entry", "campaign.home", "campaign.help_page", "schools.index")]
    asked += [f"{paths['gallery.index']}?{query}" for query in ("kind=story", "kind=story&theme=rumours", "q=histoire")]
    for path in (f"/{lang}{path[3:]}" for path in asked for lang in ("ar", "fr", "en")):
        pages._made.cache_clear()
        first, again = client.get(path, headers={"Cookie": "made=anew"}), client.get(path, headers={"Cookie": "made=anew"})
        assert pages._made.cache_info().hits > 0
        assert (first.status_code, first.data) == (200, again.data)
