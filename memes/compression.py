"""Text travels compressed where it holds no secret.

A compressed answer's length tells something of its content. Where an answer holds both a secret and words that a stranger
can choose, the secret can be guessed letter by letter from outside (BREACH). So what is compressed is what anybody may
read: answers to GET that may be kept somewhere. Receipts, the desk and every answer to a form stay as they are.
gzip, because it is in the standard library and every browser has it.

What is answered to a receipt is filled up besides, so that nobody on the way can see by its length what the answer is.
"""

import gzip
from functools import lru_cache

from flask import Request, Response, g, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

ENCODING = "gzip"

#: Bytes below which the headers would cost more than is won.
LEAST = 800

#: A page of the gallery, 40.6 KB: 6.8 KB in 0.28 ms of CPU at level 6, which is worth it for what is kept and sent again and again;
#: 7.5 KB in a fifth of that at level 1. Nothing more at level 9.
LEVEL, LEVEL_ONCE = 6, 1

#: Bytes: a receipt's page, and its answer for programs, is as long as the next multiple. The longest pages without a
#: conversation or a picture inside have 17 KB, the answers 2.4 KB (Arabic, measured over all states and reasons).
PAGE, DOCUMENT = 24 * 1024, 4 * 1024

_TEXT = {"application/json", "application/problem+json", "application/atom+xml", "application/feed+json",
         "application/manifest+json", "application/xml", "image/svg+xml"}  # fmt: skip


def is_text(content_type: str) -> bool:
    """Whether a type is worth compressing: pictures and fonts are compressed already."""
    kind = content_type.partition(";")[0]
    return kind.startswith("text/") or kind in _TEXT


def is_understood(asked: Request) -> bool:
    """Whether whoever asks can read it."""
    return understands(asked.headers.get("Accept-Encoding", ""))


@lru_cache(64)
def understands(accepted: str) -> bool:
    """The same of a header's value; there are a few, and they come again and again."""
    return parse_accept_header(accepted, Accept)[ENCODING] > 0


def worth_it(content_type: str, size: int) -> bool:
    """Whether an answer of `size` bytes is smaller compressed."""
    return is_text(content_type) and size >= LEAST


def packed(data: bytes, level: int = LEVEL) -> bytes:
    """`data`, compressed."""
    return gzip.compress(data, level, mtime=0)


def unpacked(data: bytes) -> bytes:
    """What `packed` was given."""
    return gzip.decompress(data)


def compress(response: Response) -> Response:
    """Compress a page that anybody may read, fill up what is answered to a receipt. Runs after the headers are set."""
    if request.method == "POST" and "/receipt" in request.path:
        return filled(response)
    if not may_be_kept(response) or not is_text(response.content_type or ""):
        return response
    response.vary.add("Accept-Encoding")
    size = 0 if response.status_code == 304 else response.content_length or 0
    if size < LEAST or not is_understood(request):
        return response
    will_be_kept = g.get("stamp") is not None  # `kept` looks at that after this
    response.set_data(packed(response.get_data(), LEVEL if will_be_kept else LEVEL_ONCE))
    response.content_encoding = ENCODING
    return response


def filled(response: Response) -> Response:
    """The answer with spaces at its end, which mean nothing in HTML and JSON."""
    unit = PAGE if response.mimetype == "text/html" else DOCUMENT
    data = response.get_data()
    response.set_data(data + b" " * (-len(data) % unit))
    return response


def may_be_kept(response: Response) -> bool:
    """Whether anybody may read this answer to a GET (or has read it already), and it is not compressed yet."""
    if request.method not in ("GET", "HEAD") or request.path.startswith("/desk"):
        return False
    already = response.content_encoding or response.direct_passthrough or response.is_streamed
    return response.status_code in (200, 304) and not already and not response.cache_control.no_store
