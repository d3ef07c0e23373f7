"""Pictures and documents that editors add: made anew in the same cage as children's pictures, and the original destroyed.

The row is the whole queue: beat asks every few seconds, so a file needs no message of its own.
"""

import hashlib
import io
from collections.abc import Callable

from memes import attachments
from memes.attachments import Attachment, Clean
from memes.db import Database
from memes.ports import MediaStore
from workers import documents
from workers.images import UnreadableImage
from workers.pipeline import Render

#: What makes a document clean: `documents.clean` or the same in the cage.
Paper = Callable[[bytes], bytes]


def clean(database: Database, store: MediaStore, render: Render, paper: Paper = documents.clean_in_child) -> int:
    """Make clean what waits, some files a round; how many. Twice or half does no harm: the same name is written again."""
    with database.reads() as session:
        waiting = attachments.waiting(session)
    for attachment in waiting:
        try:
            made = _made(attachment, store, render, paper)
        except UnreadableImage:
            made = None
        with database.writing() as session:
            row = session.get(Attachment, attachment.id)
            if row is not None and row.source == attachment.source:
                attachments.settle(session, row, made, store=store)
    return len(waiting)


def _made(attachment: Attachment, store: MediaStore, render: Render, paper: Paper) -> Clean:
    try:
        with store.open(attachment.source or "") as stream:
            data = stream.read()
    except KeyError:
        raise UnreadableImage("damaged") from None
    if attachment.format == "pdf":
        made = paper(data)
        store.put(attachment.key, io.BytesIO(made))
        return len(made), hashlib.sha256(made).hexdigest(), None, None
    largest = max((one for one in render(data).renditions if one.format == "webp"), key=lambda one: one.width)
    store.put(attachment.key, io.BytesIO(largest.data))
    return len(largest.data), hashlib.sha256(largest.data).hexdigest(), largest.width, largest.height
