"""Pictures that editors add: made anew in the same cage as children's, and the original destroyed.

The row is the whole queue: beat asks every few seconds, so a picture needs no message of its own.
"""

import hashlib
import io

from memes import attachments
from memes.attachments import Attachment, Clean
from memes.db import Database
from memes.ports import MediaStore
from workers.images import UnreadableImage
from workers.pipeline import Render


def clean(database: Database, store: MediaStore, render: Render) -> int:
    """Make clean what waits, some pictures a round; how many. Twice or half does no harm: the same name is written again."""
    with database.reads() as session:
        waiting = attachments.waiting(session)
    for attachment in waiting:
        try:
            made = _made(attachment, store, render)
        except UnreadableImage:
            made = None
        with database.writing() as session:
            row = session.get(Attachment, attachment.id)
            if row is not None and row.source == attachment.source:
                attachments.settle(session, row, made, store=store)
    return len(waiting)


def _made(attachment: Attachment, store: MediaStore, render: Render) -> Clean:
    try:
        with store.open(attachment.source or "") as stream:
            data = stream.read()
    except KeyError:
        raise UnreadableImage("damaged") from None
    largest = max((one for one in render(data).renditions if one.format == "webp"), key=lambda one: one.width)
    store.put(attachment.key, io.BytesIO(largest.data))
    return len(largest.data), hashlib.sha256(largest.data).hexdigest(), largest.width, largest.height
