"""Frozen settings, read once from the environment. The only reader of `os.environ`.

A wrong value stops the program with a sentence that names the variable: a platform for children must not start half configured.
"""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from memes.errors import ConfigurationError
from memes.seals import Holders
from memes.vault import KEY, NO_KEYS, Keyring

MEGABYTE = 1_000_000

#: Longest path that fits into a unix socket address (108 bytes with its end mark, `man 7 unix`).
SOCKET_PATH_LIMIT = 107


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the program may be told from outside."""

    home: Path
    secret_key: str
    database_url: str
    redis_url: str
    media_url: str
    #: What wraps the keys of entries, the newest first. Without any, no word is written or read.
    entry_keys: Keyring = NO_KEYS
    #: Who can open what is sealed, away from here; without them it stays encrypted like everything else.
    seal_holders: Holders | None = None
    production: bool = False
    limits: bool = True
    host: str = "127.0.0.1"
    port: int = 8000
    #: Where this machine alone finds the figures for Prometheus (`metrics`); nothing is served without.
    metrics_port: int = 0
    web_workers: int = 2
    workers: int = 2
    trusted_proxies: int = 0
    #: The proxy's own path to the media folder, such as `/stored/`: then the proxy sends the bytes of editors' files, on our word.
    media_accel: str = ""
    #: A copy of the database, which public pages are read from while it is up to date.
    replica_url: str = ""

    #: A phone's picture is 3 to 12 MB; 15 MB leaves room (features: what phones send).
    image_limit: int = 15 * MEGABYTE
    #: Larger bodies are cut off before they are read; between the two the form can still answer kindly, words kept.
    body_limit: int = 64 * MEGABYTE
    #: An entry still `received` this long (seconds) after its last dispatch is sent again by the sweep. Longer than
    #: a picture takes (10 s of CPU at most), and short enough that all is clean within a minute of a broker's death.
    resend_after: int = 30

    @property
    def embedded_redis(self) -> bool:
        """Whether the broker is the private Valkey that `instamemes up` starts."""
        return self.redis_url == _embedded_redis_url(self.home)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings; raises ConfigurationError with a sentence for people."""
        env = os.environ if environ is None else environ
        home = Path(env.get("INSTAMEMES_HOME") or "var").absolute()
        production = _choice(env, "INSTAMEMES_ENV", "development", "production") == "production"
        limits = _choice(env, "INSTAMEMES_LIMITS", "on", "off") == "on"
        if production and not limits:
            raise ConfigurationError("INSTAMEMES_LIMITS=off is refused in production.")
        port, metrics_port = _number(env, "PORT", 8000, 1, 65535), _number(env, "INSTAMEMES_METRICS_PORT", 0, 0, 65535)
        if port == metrics_port:
            raise ConfigurationError("INSTAMEMES_METRICS_PORT must be another port than PORT: figures are for this machine alone.")
        media_url = env.get("MEDIA_URL") or f"file://{home / 'media'}"
        return cls(
            home=home,
            secret_key=_secret_key(env, home, production),
            database_url=_database_url(env.get("DATABASE_URL") or f"sqlite:///{home / 'instamemes.db'}"),
            redis_url=env.get("REDIS_URL") or _embedded_redis_url(home),
            media_url=media_url,
            replica_url=_replica_url(env.get("DATABASE_REPLICA_URL") or ""),
            entry_keys=Keyring.parse(_entry_keys(env, home, production), "INSTAMEMES_ENTRY_KEY"),
            seal_holders=_seal_holders(env.get("INSTAMEMES_SEAL_KEYS") or ""),
            media_accel=_media_accel(env.get("INSTAMEMES_MEDIA_ACCEL") or "", media_url),
            production=production,
            limits=limits,
            host=env.get("HOST") or "127.0.0.1",
            port=port,
            metrics_port=metrics_port,
            web_workers=_number(env, "INSTAMEMES_WEB_WORKERS", 2, 1, 64),
            workers=_number(env, "INSTAMEMES_WORKERS", 2, 1, 64),
            trusted_proxies=_number(env, "INSTAMEMES_TRUSTED_PROXIES", 0, 0, 4),
            resend_after=_number(env, "INSTAMEMES_RESEND_AFTER", 30, 3, 3600),
        )


def embedded_socket(home: Path) -> Path:
    """Where the private Valkey listens: in the home folder, or in a short private folder where that path is too long."""
    inside = home / "valkey.sock"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    # Named after the home folder (so that every part finds it) and the user (so that nobody else's is met).
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"instamemes-{os.getuid()}-{name}" / "valkey.sock"


def _embedded_redis_url(home: Path) -> str:
    return f"unix://{embedded_socket(home)}"


def _database_url(url: str) -> str:
    """Name psycopg 3 as the driver where the address does not name one."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _replica_url(url: str) -> str:
    found = _database_url(url)
    if found and not found.startswith("postgresql"):
        raise ConfigurationError("DATABASE_REPLICA_URL must be the address of a PostgreSQL that copies DATABASE_URL.")
    return found


def _seal_holders(given: str) -> Holders | None:
    return Holders.parse(given, "INSTAMEMES_SEAL_KEYS") if given else None


def _media_accel(path: str, media_url: str) -> str:
    if path and not (path.startswith("/") and path.endswith("/") and media_url.startswith("file://")):
        raise ConfigurationError("INSTAMEMES_MEDIA_ACCEL must be a path like /stored/, and MEDIA_URL a folder (file://).")
    return path


def _choice(env: Mapping[str, str], name: str, *allowed: str) -> str:
    value = env.get(name) or allowed[0]
    if value not in allowed:
        raise ConfigurationError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def _number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    raw = env.get(name) or str(default)
    if not raw.isdecimal() or not least <= int(raw) <= most:
        raise ConfigurationError(f"{name} must be a whole number from {least} to {most}, not {raw!r}.")
    return int(raw)


def _secret_key(env: Mapping[str, str], home: Path, production: bool) -> str:
    """The key behind receipts and sessions: given in production, made once and kept beside the data otherwise."""
    given = env.get("SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise ConfigurationError("SECRET_KEY must have at least 32 characters.")
        return given
    if production:
        raise ConfigurationError("SECRET_KEY must be set in production. Losing it loses every receipt: keep a copy.")
    return _made_once(home / "secret.key")


def _entry_keys(env: Mapping[str, str], home: Path, production: bool) -> str:
    """What wraps the keys of entries: given in production, made once and kept beside the data otherwise."""
    given = env.get("INSTAMEMES_ENTRY_KEY", "")
    if not given and production:
        raise ConfigurationError("INSTAMEMES_ENTRY_KEY must be set in production (openssl rand -hex 32). "
                                 "Losing it loses every entry, in every backup: keep a copy.")  # fmt: skip
    return given or _made_once(home / "entry.key")


def _made_once(path: Path) -> str:
    """A key of 64 hex digits in a file, for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY))
    return path.read_text(encoding="ascii").strip()
