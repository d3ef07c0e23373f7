"""The web application on real parts, and somebody who sends through its forms."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import wsgi
from memes.ports import MediaStore, TaskQueue
from memes.settings import Settings
from tests.faults.parts import multipart, photo

WORDS = "what happened to me in the class group"
SORRY = "on our side, not yours"


class Site:
    """One application, and a browser without cookies."""

    def __init__(self, settings: Settings, media: MediaStore | None = None, queue: TaskQueue | None = None) -> None:
        self.app = wsgi.create_app(settings, media=media, queue=queue)
        self.app.testing = True
        self.client: FlaskClient = self.app.test_client(use_cookies=False)
        self.client.get("/en/share/meme")  # templates are compiled when first used

    def send(self, picture: bytes | None = None, address: str = "/en/share/meme", **fields: str) -> TestResponse:
        """A meme with a picture."""
        words = {"theme": "rumours", "language": "en", "caption": WORDS, "consent_gallery": "y", **fields}
        body, kind = multipart(words, picture or photo())
        return self.client.post(address, data=body, content_type=kind)

    def close(self) -> None:
        self.app.extensions["instamemes"].database.dispose()


def receipt_in(answer: TestResponse) -> str:
    """The sixteen digits that a page shows."""
    found = re.search(r"\b(\d{4})\D{1,60}?(\d{4})\D{1,60}?(\d{4})\D{1,60}?(\d{4})\b", answer.text)
    assert found, answer.text
    return "".join(found.groups())


def assert_refused_kindly(answer: TestResponse, words: str = WORDS) -> None:
    """It says whose fault it is, gives no receipt, and every word is still in the form."""
    assert answer.status_code == 503
    assert SORRY in answer.text
    assert words in answer.text
