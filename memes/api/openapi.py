"""The OpenAPI 3.1 document of the API, made from the same lists and limits that the code obeys."""

from typing import Any

from memes.drafts import LIMITS
from memes.lifecycle import State
from memes.published import FILTERS
from memes.search import MOST
from memes.taxonomy import taxonomy

_JSON = "application/json"
_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def document(server: str) -> dict[str, Any]:
    """The whole document, `server` being where this instance answers."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Insta-memes",
            "version": "1",
            "description": "Children speak about cyber-violence, anonymously; moderators approve; everyone may read.",
        },
        "servers": [{"url": server}],
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


def _paths() -> dict[str, Any]:
    return {
        "/api/v1/entries": {"post": _send()},
        "/api/v1/challenge": {"get": _challenge()},
        "/api/v1/receipts": {"post": _with_receipt("Ask for the state of an entry", "askState")},
        "/api/v1/receipts/withdraw": {"post": _with_receipt("Take an entry back", "withdraw")},
        "/api/v1/gallery": {"get": _gallery()},
        "/api/v1/gallery/{id}": {"get": _one()},
    }


def _send() -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Draft"}}
    answer = {"description": "Taken in", "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Taken"}}}}
    return {
        "summary": "Send an entry",
        "operationId": "sendEntry",
        "requestBody": {"required": True, "content": {"multipart/form-data": schema}},
        "responses": {"201": answer, **_refusals(403, 413, 422, 429, 503)},
    }


def _challenge() -> dict[str, Any]:
    answer = {"description": "A work to do", "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Challenge"}}}}
    return {
        "summary": "Ask for a proof of work (ALTCHA, version 2) whose solution lets one entry in",
        "operationId": "askChallenge",
        "responses": {"200": answer},
    }


def _with_receipt(summary: str, operation: str) -> dict[str, Any]:
    body = {"content": {_JSON: {"schema": {"$ref": "#/components/schemas/Receipt"}}}, "required": True}
    answer = {"description": "Its state", "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Status"}}}}
    return {
        "summary": summary,
        "operationId": operation,
        "requestBody": body,
        "responses": {"200": answer, **_refusals(403, 404, 409, 422, 429, 503)},
    }


def _gallery() -> dict[str, Any]:
    ids: dict[str, list[str]] = _ids()
    # What is unknown is no reason to show nothing: the values are told, others are taken as if they were not there.
    parameters = [_query(name, {"anyOf": [{"enum": ids[name]}, {"type": "string"}]}) for name in FILTERS]
    parameters += [
        _query("q", {"type": "string", "description": f"Words that must all occur, in any spelling; {MOST} characters count."}),
        _query("after", {"type": "string", "description": "`next` of the page before."}),
        _query("limit", {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 100}, {"type": "string"}], "default": 24}),
    ]
    answer = {"description": "A page", "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Page"}}}}
    return {
        "summary": "Read the gallery",
        "operationId": "readGallery",
        "parameters": parameters,
        "responses": {"200": answer, **_refusals(422, 503)},
    }


def _one() -> dict[str, Any]:
    answer = {"description": "The entry", "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Item"}}}}
    where = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    return {
        "summary": "Read one entry",
        "operationId": "readEntry",
        "parameters": [where],
        "responses": {"200": answer, **_refusals(404, 503)},
    }


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): {"description": "A problem document (RFC 9457)", **_PROBLEM} for status in statuses}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _ids() -> dict[str, list[str]]:
    lists = taxonomy()
    named = {
        "kind": lists.kinds, "theme": lists.themes, "language": lists.languages, "age": lists.ages, "region": lists.regions,
        "mood": lists.moods, "nickname": lists.nicknames,
    }  # fmt: skip
    return {name: list(items) for name, items in named.items()}


def _schemas() -> dict[str, Any]:
    string: dict[str, Any] = {"type": "string"}
    maybe = {"type": ["string", "null"]}
    consent = {"type": "string", "enum": ["true", "false"], "default": "false"}
    return {
        "Draft": {
            "type": "object",
            "required": ["kind", "language", "theme"],
            "properties": {
                **{name: string | {"enum": ids} for name, ids in _ids().items()},
                **{name: string | {"maxLength": longest} for name, longest in LIMITS.items()},
                "image": string | {"contentMediaType": "application/octet-stream"},
                "key": string | {"description": "Random; the same key and content give the same receipt."},
                "altcha": string | {"description": "A solved challenge: needed beyond a network's first ten entries."},
                "ticket": string | {"description": "From a 429 answer, once its time has come."},
                "class_code": string | {"description": "8 digits of a class: lets in as many a day as it was granted for."},
                "teacher_reads": {"type": "string", "enum": ["true", "false"], "description":
                    "true: the child knows that the teacher of the class code reads it before the team does. Some codes ask for it "
                    "(422, class_code: teacher_reads_first); to send without the code is the other way."},
                **{f"consent_{name}": consent for name in ("gallery", "schools", "print")},
            },
        },
        "Taken": _object(
            receipt=string | {"pattern": "^[0-9]{16}$"},
            state=string | {"const": "received"},
            warnings={
                "type": "object",
                "description": "Field to kinds of what could tell who somebody is, of danger, or of words that hurt.",
                "additionalProperties": {"type": "array", "items": string},
            },
        ),
        "Challenge": _object(parameters={"type": "object"}, signature=string),
        "Receipt": _object(receipt=string | {"pattern": "^[0-9]{4} ?[0-9]{4} ?[0-9]{4} ?[0-9]{4}$"}),
        "Status": _object(
            state=string | {"enum": [state.value for state in State]}, title=string, message=string, note=maybe,
            entry=maybe, shown_on=maybe | {"format": "date"}, reason={"type": ["object", "null"]},
            removed={"type": "array", "items": string},
            covered={"type": "array", "items": string},
            marks={"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
            can_withdraw={"type": "boolean"}, can_resubmit={"type": "boolean"}, can_appeal={"type": "boolean"},
        ),
        "Item": _object(
            id=string | {"format": "uuid"}, kind=string, language=string, theme=string, title=string, text=string,
            caption=string, alt=string, age=maybe, nickname=maybe, published_on=string | {"format": "date"},
            image={"type": ["object", "null"]},
        ),
        "Page": _object(items={"type": "array", "items": {"$ref": "#/components/schemas/Item"}}, next=maybe),
        "Problem": {
            "type": "object",
            "required": ["title", "status"],
            "properties": {"type": string, "title": string, "status": {"type": "integer"}, "detail": string,
                           "errors": {"type": "object", "additionalProperties": string},
                           "ticket": string, "retry_after": {"type": "integer"}},
        },
    }  # fmt: skip


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}
