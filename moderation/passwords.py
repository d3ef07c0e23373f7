"""What a password must be, and how it is kept."""

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from memes.errors import DomainError

#: Characters (OWASP ASVS 6.2: at least 8, 15 advised, 64 and more allowed). With a second factor, 12 is enough.
SHORTEST, LONGEST = 12, 128

#: Fewer different characters than this are a row of keys, not a password.
_LEAST_VARIETY = 5

#: What people take when they are asked for twelve characters, here more than elsewhere: on top of the 30 000 passwords and 70 000
#: words and names that zxcvbn brings. Compared without case, digits at the end, and signs.
_TAKEN = """
password passwordpassword mypassword thepassword changeme changemeplease letmein letmeinplease welcome welcomeback
motdepasse monmotdepasse bonjour bonjourbonjour azerty azertyuiop azertyazerty azertyuiopqsdfghjklm jetaime qwerty
qwertyuiop qwertyqwerty qwertyuiopasdfghjkl asdfghjkl abcdefgh abcdefghijkl iloveyou administrator administrateur
moderator moderateur instamemes instamemesmaroc maroc maroccasablanca casablanca marrakech internet emcmaroc
espacemaroccyberconfiance cyberconfiance superman footballfootball realmadrid barcelona princess sunshine trustno
correcthorsebatterystaple
"""
_COMMON = frozenset(_TAKEN.split())

#: Below this score (0 to 4) fewer than a hundred million guesses find it (zxcvbn). It reads so many characters: its time grows
#: faster than the password.
_LEAST_SCORE, _READ = 3, 72

#: Argon2id at the cost that OWASP's password storage sheet asks for (19 MiB, t=2). A second factor stands beside it, and one
#: that is several times dearer would let a handful of guesses at once keep our few processes from the children.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class PasswordRefused(DomainError):
    """Not good enough. `reason` is `length`, `email` or `common`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check(password: str, email: str) -> None:
    """Raise PasswordRefused unless `password` may be used by the owner of `email` (normalised)."""
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise PasswordRefused("length")
    folded = normal.casefold()
    if folded == email or folded == email.partition("@")[0]:
        raise PasswordRefused("email")
    letters = "".join(char for char in folded if char.isalpha())
    if letters in _COMMON or len(set(folded)) < _LEAST_VARIETY or _is_row(folded):
        raise PasswordRefused("common")
    if zxcvbn(folded[:_READ], user_inputs=[email, *email.split("@"), *_COMMON])["score"] < _LEAST_SCORE:
        raise PasswordRefused("common")


def hashed(password: str) -> str:
    """The form in which a password is stored; takes some 40 ms on purpose."""
    return _hasher.hash(_normal(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`. None (no such account) takes as long as any other."""
    try:
        _hasher.verify(_nobodys() if stored is None else stored, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether a newer version of the library would store it more safely."""
    return _hasher.check_needs_rehash(stored)


def _normal(password: str) -> str:
    """One form for the same letters, whichever keyboard they come from (NIST SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _is_row(folded: str) -> bool:
    """Whether every character follows the one before it by the same step: 123456789012, abcdefghijkl."""
    digits = "".join(folded.split())
    steps = {(ord(after) - ord(before)) % 10 if (before + after).isdigit() else ord(after) - ord(before)
             for before, after in zip(digits, digits[1:], strict=False)}  # fmt: skip
    return len(steps) <= 1


@cache
def _nobodys() -> str:
    """A hash that no password fits, of the same cost as the others."""
    return _hasher.hash(secrets.token_hex())
