"""The key of each entry, and words that are kept under it: read and written like any other attribute.

A table of its own, so that rotating what wraps keys touches no entry, and backups can leave it out.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, event
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.context import QueryContext

from memes import vault
from memes.db import Base, keyring_of
from memes.vault import Keyring


class EntryKey(Base):
    """What encrypts one entry. Without this row nothing of it can be read any more, wherever a copy of it lies."""

    __tablename__ = "entry_keys"
    __table_args__ = ({"info": {"backup": False}},)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(72))
    #: Which key has wrapped it (`Keyring.names`).
    wrapper: Mapped[str] = mapped_column(String(16), index=True)

    # In no table: what opens it, from the session that has loaded it, and the key as soon as it was opened.
    __allow_unmapped__ = True
    _keyring: Keyring
    _secret: bytes | None = None

    @classmethod
    def new(cls, entry_id: UUID, keyring: Keyring) -> "EntryKey":
        """A fresh key for an entry."""
        made = cls(entry_id=entry_id)
        made._keyring, made._secret = keyring, vault.new_key()
        made.wrap_anew(keyring)
        return made

    @property
    def secret(self) -> bytes:
        """The key itself; raises Unreadable if what has wrapped it is not here."""
        if self._secret is None:
            self._secret = self._keyring.unwrap(self.entry_id, self.wrapped)
        return self._secret

    def wrap_anew(self, keyring: Keyring) -> None:
        """Wrap it by the newest key."""
        self.wrapped, self.wrapper = keyring.wrap(self.entry_id, self.secret), keyring.names[0]


@event.listens_for(EntryKey, "load")
def _remember_keyring(key: EntryKey, context: QueryContext) -> None:
    key._keyring = keyring_of(context.session)


def in_the_clear(*columns: str) -> str:
    """The condition that one of these columns holds words as they were written, for an index and for whoever asks it: both must be
    the same to the letter."""
    return " OR ".join(f"\"{name}\" <> '' AND substr(\"{name}\", 1, 1) <> '{vault.MARK}'" for name in columns)


class Words:
    """An attribute of a row that lies encrypted in the column `kept_…`. In queries there is nothing to compare it with.

    The row has the entry's `key` (or None), `secret()`, which makes one if there is none, and its `place()` in its table.
    """

    def __set_name__(self, owner: Any, name: str) -> None:
        self._kept, self._name = f"kept_{name}", f"{owner.__tablename__}.{name}"

    def __get__(self, row: Any, _owner: object) -> str:
        if row is None:
            raise AttributeError(f"{self._name} is encrypted: a query finds nothing in it")
        kept: str = getattr(row, self._kept) or ""
        key = row.key.secret if row.key and kept.startswith(vault.MARK) else None
        return opened(key, kept, self._name, row.place())

    def __set__(self, row: Any, words: str) -> None:
        setattr(row, self._kept, closed(row.secret(), words, self._name, row.place()) if words else "")


def closed(key: bytes, words: str, attribute: str, row: str) -> str:
    """Words as they are kept in the column of an attribute (`entries.text`), for the row at that place."""
    return vault.close_words(key, words, f"{attribute} {row}")


def opened(key: bytes | None, kept: str, attribute: str, row: str) -> str:
    """Words as they were written, from what is kept. Raises as `vault.opened_words`."""
    return vault.opened_words(key, kept, f"{attribute} {row}")
