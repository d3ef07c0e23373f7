"""How little is kept of when something happened and of where it came from."""

import hashlib
import hmac
import ipaddress
from datetime import UTC, date, datetime, timedelta


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def week_of(day: date | datetime) -> datetime:
    """Monday 00:00 UTC of the week of `day`: all that stays of a time once it is not needed any more."""
    if isinstance(day, datetime):
        day = day.astimezone(UTC).date()
    monday = day - timedelta(days=day.weekday())
    return datetime(monday.year, monday.month, monday.day, tzinfo=UTC)


def day_of(moment: datetime) -> datetime:
    """Midnight UTC of the day of `moment`: how finely the log knows when a moderator worked."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def network_bucket(address: str, key: bytes) -> str:
    """A network, as a short keyed code that nobody can turn back once `key` is gone.

    IPv4 is cut to /24, IPv6 to /64: a school stands behind one of them. 64 bits of HMAC-SHA-256, because an unkeyed
    hash of only 2**32 addresses is the address.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        parsed = ipaddress.ip_address("0.0.0.0")  # noqa: S104  (an unknown sender, not a place to listen)
    prefix = 24 if parsed.version == 4 else 64
    network = ipaddress.ip_network(f"{parsed}/{prefix}", strict=False)
    return hmac.new(key, str(network).encode(), hashlib.sha256).hexdigest()[:16]
