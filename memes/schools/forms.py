"""What the teachers' forms share: the key of 16 digits that opens what they have made here, and pages that leave no copy."""

from flask import Response, make_response, request
from flask_wtf import FlaskForm
from wtforms import StringField

from memes import web

#: Wrong keys a network may send in ten minutes, as receipts.
WRONG_KEYS, WINDOW = 60, 600


class OpenForm(FlaskForm):  # type: ignore[misc]
    """Without a token: public pages have no cookie, and foreign origins are refused before (`web`)."""

    class Meta:
        """No session, no token."""

        csrf = False


class KeyForm(OpenForm):
    """The key."""

    key = StringField()


def tried_too_often() -> bool:
    """Whether too many wrong keys came from this network."""
    return web.parts().limiter.exceeded("keys", request.remote_addr or "", WRONG_KEYS)


def note_wrong_key() -> None:
    """One more."""
    web.parts().limiter.count("keys", request.remote_addr or "", WINDOW)


def digits_of(typed: str) -> str:
    """A key as it was typed, or as it stands behind the # of a link that was pasted whole."""
    return typed.rpartition("#")[2]


def unkept(page: str, status: int = 200) -> Response:
    """A page that leaves no copy behind on the device and is in no index."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
