"""What the processes say on their standard error: one fact a line, for machines in JSON, at a terminal in words.

Nothing of a child is in it. Of our own sentences it is known what is put in; of those of libraries it is not, so they stand
there without what was to be filled in. Of an exception it says the kind and the places, never its own words: they may be a child's.
"""

import json
import logging
import sys
import time
from pathlib import Path
from traceback import extract_tb
from typing import Any

OURS = frozenset({"memes", "moderation", "workers"})
#: The same for granian, which sets itself up before it reads anything of ours.
GRANIAN = Path(__file__).with_name("data") / "granian-log.json"
#: Only what moderators do has a time of ours: beside an error, it would say when a child was there.
TIMED = "moderation"


class Facts(logging.Formatter):
    """One line for a record: an object in JSON, or, where somebody reads standard error at a terminal, the same in words."""

    def __init__(self) -> None:
        super().__init__()
        self._plain = sys.stderr.isatty()

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        if not self._plain:
            return json.dumps(facts, ensure_ascii=False)
        return " ".join(" ".join(fact) if isinstance(fact, list) else str(fact) for fact in facts.values())


def use() -> None:
    """From now on this process speaks like that."""
    handler = logging.StreamHandler()
    handler.setFormatter(Facts())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(TIMED).setLevel(logging.INFO)
    logging.captureWarnings(True)


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    part = record.name.partition(".")[0]
    time_of_ours = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))} if part == TIMED else {}
    said = record.getMessage() if part in OURS else str(record.msg)
    return {**time_of_ours, "level": record.levelname, "logger": record.name, "said": said, **_exception(record)}


def _exception(record: logging.LogRecord) -> dict[str, Any]:
    if not record.exc_info or not record.exc_info[0]:
        return {}
    kind, _words, trace = record.exc_info
    return {"error": kind.__qualname__, "at": [f"{place.filename}:{place.lineno}" for place in extract_tb(trace)]}
