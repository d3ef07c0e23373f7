"""What editors of the demo have written: news, and an event that is still to come. Both say that they are invented."""

import json
from datetime import time, timedelta
from pathlib import Path

from memes import privacy, writing
from memes.articles import Content, Words
from memes.db import Database

_DATA = Path(__file__).with_name("data") / "demo_campaign.json"

#: Days until the event.
_AHEAD = 9


def write(database: Database, editor: str) -> None:
    """Publish both."""
    written = json.loads(_DATA.read_text(encoding="utf-8"))
    words = {kind: {lang: Words(**said) for lang, said in texts.items()} for kind, texts in written.items()}
    first_day = privacy.now().date() + timedelta(days=_AHEAD)
    contents = {
        "news": Content(words["news"]),
        "event": Content(words["event"], "workshop", ("teachers",), "MA-04", first_day, begins_at=time(10), ends_at=time(12)),
    }
    with database.writing() as session:
        for kind, content in contents.items():
            writing.publish(session, writing.create(session, kind, content, editor=editor))
