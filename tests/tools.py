"""Finds the programs that tests need beside Python packages, or installs them: Chromium, exiftool and nginx;
strace and node only for the thorough ones.

`python -m tests.tools chromium` prints the path. What cannot be found or installed is a failure with a sentence, never
a skipped test: a suite that passes without looking at a page or at a picture's metadata would be a lie.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def chromium() -> str | None:
    """The browser: `$CHROMIUM`, one on the path, playwright's own, or the system's package."""
    return named("CHROMIUM") or on_path(*BROWSERS) or playwrights() or from_package("chromium", *BROWSERS)


def exiftool() -> str | None:
    """The second opinion on metadata: `$EXIFTOOL`, one on the path, or the system's package."""
    return named("EXIFTOOL") or on_path("exiftool") or from_package("libimage-exiftool-perl", "exiftool")


def nginx() -> str | None:
    """The proxy of production: `$NGINX`, one on the path, or the system's package."""
    return named("NGINX") or on_path("nginx", "/usr/sbin/nginx") or from_package("nginx-light", "/usr/sbin/nginx")


def strace() -> str | None:
    """What watches the system calls of others: `$STRACE`, one on the path, or the system's package."""
    return named("STRACE") or on_path("strace") or from_package("strace", "strace")


def wrk() -> str | None:
    """What asks for pages as fast as they come, for benchmarks: `$WRK`, one on the path, or the system's package."""
    return named("WRK") or on_path("wrk") or from_package("wrk", "wrk")


#: The scanner behind developer.mozilla.org/observatory, as a program.
OBSERVATORY = "@mdn/mdn-http-observatory@1.4.8"


def observatory() -> list[str] | None:
    """The command of the HTTP Observatory: from the folder `$OBSERVATORY`, or installed into var/ without running its scripts."""
    node, npm = on_path("node"), on_path("npm")
    folder = Path(__file__).resolve().parent.parent / "var" / "observatory"
    scanner = Path(os.environ.get("OBSERVATORY") or folder / "node_modules" / "@mdn" / "mdn-http-observatory")
    if node is None or npm is None:
        return None
    if not (scanner / "src" / "scan.js").exists():
        install = (npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder), OBSERVATORY)
        if not succeeds(*install):
            return None
    preloaded = scanner / "conf" / "hsts-preload.json"
    if not preloaded.exists():  # the list of sites that browsers know, which its own script would fetch: nobody of ours is in it
        preloaded.write_text('{"data": {}, "entries": []}')
    return [node, str(scanner / "src" / "scan.js")]


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TOOLS: dict[str, tuple[Callable[[], str | None], str]] = {
    "chromium": (
        chromium,
        "Tests need Chromium: install it (apt-get install chromium), or name one with CHROMIUM=/path.",
    ),
    "exiftool": (
        exiftool,
        "Tests need exiftool: install it (apt-get install libimage-exiftool-perl), or name one with EXIFTOOL=/path.",
    ),
    "nginx": (nginx, "Tests need nginx: install it (apt-get install nginx-light), or name one with NGINX=/path."),
}


def named(variable: str) -> str | None:
    """The program that the environment names; a wrong name is an error, not a reason to look elsewhere."""
    given = os.environ.get(variable)
    if given and not shutil.which(given):
        sys.exit(f"{variable}={given} is not a program.")
    return given or None


def on_path(*names: str) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


def playwrights() -> str | None:
    """Playwright's own browser, downloaded unless it is there; None where the download or the browser does not work."""
    from playwright.sync_api import sync_playwright

    if not succeeds(sys.executable, "-m", "playwright", "install", "chromium"):
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    # The download brings no system libraries: without them the program does not even tell its version.
    return path if Path(path).exists() and succeeds(path, "--version") else None


def from_package(package: str, *names: str) -> str | None:
    """Debian's package, where we may install one."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    install = ("apt-get", "install", "--yes", "--no-install-recommends", package)
    # The list of packages may be missing or old: renew it only when it does not do.
    if succeeds(*install) or (succeeds("apt-get", "update") and succeeds(*install)):
        return on_path(*names)
    return None


def succeeds(*command: str) -> bool:
    """Run it, its words to stderr (stdout is for the path alone)."""
    print("$", *command, file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        status = subprocess.run(command, stdout=sys.stderr, stdin=subprocess.DEVNULL, env=environment, timeout=300)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return status.returncode == 0


if __name__ == "__main__":
    find, otherwise = TOOLS[sys.argv[1]]
    print(find() or sys.exit(otherwise))
