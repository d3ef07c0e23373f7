"""The server's own price of a file: takes a form with one and saves it, as Flask's manual shows it, and does nothing else."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil
from werkzeug.wrappers import Request, Response

from benchmarks._load import environment, family

ROOT = Path(__file__).resolve().parent.parent


@Request.application
def app(request: Request) -> Response:
    """Save the picture in the folder of the environment."""
    path = Path(os.environ["INTAKE_FOLDER"]) / uuid4().hex
    request.files["image"].save(path)
    path.unlink()
    return Response("saved")


@contextmanager
def saving_server(web: psutil.Process, folder: Path) -> Iterator[tuple[psutil.Process, str]]:
    """`app` on a server with the command line of the web part of a house; its process and its address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    words = web.cmdline()
    words[words.index("wsgi:app")], words[words.index("--port") + 1] = "benchmarks._baseline:app", port
    started = subprocess.Popen(words, env=environment() | {"INTAKE_FOLDER": str(folder)}, cwd=ROOT)  # noqa: S603 - a command line of ours
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(port)), 1):
                break
            time.sleep(0.05)
        yield psutil.Process(started.pid), f"http://127.0.0.1:{port}"
        if len(family(psutil.Process(started.pid))) < 2 or started.poll() is not None:
            raise SystemExit("the bare server has ended")
    finally:
        started.terminate()
        started.wait(20)
