"""What processes say can be read by programs, and never holds what a child wrote."""

import json
import logging
import subprocess
import sys

import pytest

from memes import output

CANARY = "زينة wrote this"
#: What a process does with a secret in its hands; `prepare` sets up what it says as that kind of process does.
SLIP = f"""
import logging, warnings
{{prepare}}
secret = {CANARY!r}
logging.getLogger("library").error("cannot send %s to %s", secret, secret)
try:
    int(secret)
except ValueError:
    logging.getLogger("library").exception("Task failed: %r", secret)
warnings.warn("something is old")
logging.getLogger("moderation.door").info("account %s signed in", 7)
logging.getLogger("memes.db").warning("the broker is away")
logging.getLogger("library").info("not worth a line")
"""
WORKER = "from workers.app import make_worker; from memes.settings import Settings\n" \
         "make_worker(Settings.from_env({'INSTAMEMES_HOME': '/nowhere'})).log.setup(loglevel='WARNING')"  # fmt: skip


@pytest.mark.parametrize("prepare", ["from memes import output; output.use()", WORKER], ids=["web", "worker"])
def test_a_process_tells_what_happened_where_and_nothing_that_somebody_wrote(prepare: str) -> None:
    done = subprocess.run([sys.executable, "-c", SLIP.format(prepare=prepare)], capture_output=True, text=True, check=True)
    assert CANARY not in done.stderr + done.stdout
    assert json.dumps(CANARY)[1:9] not in done.stderr
    sent, failed, warned, came, away = map(json.loads, done.stderr.splitlines())
    assert sent == {"level": "ERROR", "logger": "library", "said": "cannot send %s to %s"}
    [place] = failed.pop("at")
    assert place.startswith("<string>:")
    assert failed == {"level": "ERROR", "logger": "library", "said": "Task failed: %r", "error": "ValueError"}
    assert warned["logger"] == "py.warnings"
    assert (came["said"], sorted(came)) == ("account 7 signed in", ["level", "logger", "said", "time"])
    assert away == {"level": "WARNING", "logger": "memes.db", "said": "the broker is away"}


def test_lines_of_the_desk_have_their_time_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    record = logging.LogRecord("moderation.door", logging.INFO, "", 0, "account %s signed in", ("x",), None)
    record.created = 0
    assert json.loads(output.Facts().format(record))["time"] == "1970-01-01T00:00:00Z"


def test_at_a_terminal_the_same_stands_there_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    record = logging.LogRecord("memes.db", logging.WARNING, "", 0, "the broker is away", (), None)
    assert output.Facts().format(record) == "WARNING memes.db the broker is away"


def test_the_web_server_speaks_like_everything_else() -> None:
    speak = "import json, logging; from granian.log import configure_logging, LogLevels; from memes import output\n" \
            "configure_logging(LogLevels.warning, json.loads(output.GRANIAN.read_text()))\n" \
            "logging.getLogger('_granian').error('Worker-%d died', 1)"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", speak], capture_output=True, text=True, check=True)
    assert json.loads(done.stderr) == {"level": "ERROR", "logger": "_granian", "said": "Worker-%d died"}
    assert done.stdout == ""
