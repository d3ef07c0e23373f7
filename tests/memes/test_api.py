"""The JSON API as a program meets it."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import select

from memes import entries
from memes.db import Database
from memes.lifecycle import Action
from memes.models import Entry
from tests.memes.test_intake import PICTURE


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "story",
        "language": "fr",
        "theme": "hate",
        "text": "une histoire",
        "consent_gallery": "true",
    } | changes


def test_what_could_tell_who_somebody_is_is_said_and_taken_in(client: FlaskClient) -> None:
    answer = client.post("/api/v1/entries", data=fields(text="Hamza, 0612345678, je veux mourir", alt="un lycée"))
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["warnings"] == {"text": ["danger", "name", "phone"]}


def test_an_entry_is_sent_asked_for_and_withdrawn(client: FlaskClient, database: Database) -> None:
    answer = client.post("/api/v1/entries", data=fields())
    assert answer.status_code == 201
    assert answer.json is not None
    code = answer.json["receipt"]
    assert (len(code), answer.json["state"], answer.json["warnings"]) == (16, "received", {})
    state = client.post("/api/v1/receipts", json={"receipt": code}).json
    assert state is not None
    assert (state["state"], state["reason"]) == ("received", None)
    with database.writing() as session:
        entry = session.scalars(select(Entry)).one()
        for action in (Action.SETTLE, Action.ASK_CHANGES):
            entries.transition(session, entry, action, actor="m", reason="face")
    state = client.post("/api/v1/receipts", json={"receipt": code}, headers={"Accept-Language": "fr"}).json
    assert state is not None
    assert (state["state"], state["reason"]["id"]) == ("changes_requested", "face")
    assert state["reason"]["label"] == "Un visage reconnaissable"
    gone = client.post("/api/v1/receipts/withdraw", json={"receipt": code}).json
    assert gone is not None
    assert gone["state"] == "withdrawn"
    assert client.post("/api/v1/receipts/withdraw", json={"receipt": code}).status_code == 409


def test_a_meme_with_its_picture_is_taken_in(client: FlaskClient) -> None:
    data = fields(kind="meme", text="", image=(io.BytesIO(PICTURE), "x"))
    assert client.post("/api/v1/entries", data=data, content_type="multipart/form-data").status_code == 201


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"kind": "virus"}, {"kind": "unknown"}),
        ({"theme": "", "language": "xx"}, {"theme": "unknown", "language": "unknown"}),
        ({"age": "40"}, {"age": "unknown"}),
        ({"text": ""}, {"text": "empty"}),
        ({"text": "x" * 2001}, {"text": "too_long"}),
        ({"consent_gallery": "yes"}, {"consent_gallery": "unknown"}),
        ({"kind": "meme"}, {"image": "empty"}),
        ({"image": b"%PDF-1.7"}, {"image": "type"}),
        ({"theme": ["hate", "rumours"]}, {"theme": "repeated"}),
    ],
)
def test_every_wrong_field_is_named_in_a_problem_document(
    client: FlaskClient, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    data = {
        name: (io.BytesIO(value), "x.jpg") if isinstance(value, bytes) else value for name, value in changes.items()
    }
    answer = client.post("/api/v1/entries", data=fields(**data), content_type="multipart/form-data")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["errors"] == errors


def test_refusals_are_problem_documents_too(client: FlaskClient) -> None:
    for answer, status in (
        (client.post("/api/v1/receipts", json={"receipt": "0000 0000 0000 0000"}), 404),
        (client.post("/api/v1/receipts", data="{"), 422),
        (client.post("/api/v1/receipts", json=["receipt"]), 422),
        (client.get("/api/v1/gallery/00000000-0000-4000-8000-000000000000"), 404),
        (client.get("/api/v1/nothing"), 404),
        (client.delete("/api/v1/entries"), 405),
    ):
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert answer.json["status"] == status


def test_a_method_that_is_not_served_is_answered_with_those_that_are(client: FlaskClient) -> None:
    for path, served in (("/api/v1/entries", {"POST", "OPTIONS"}), ("/ar/gallery", {"GET", "HEAD", "OPTIONS"})):
        answer = client.open(path, method="TRACE")
        assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, served)


def test_what_is_asked_twice_is_refused(client: FlaskClient) -> None:
    answer = client.get("/api/v1/gallery?theme=hate&theme=rumours&limit=0")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"] == {"theme": "repeated"}
    assert client.get("/api/v1/gallery?theme=&kind=&limit=&q=").status_code == 200


def test_the_document_describes_a_valid_api(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    validate(document)
    served = {str(rule).replace("<uuid:entry_id>", "{id}") for rule in client.application.url_map.iter_rules()}
    assert set(document["paths"]) == {path for path in served if path.startswith("/api/v1/") and "openapi" not in path}
