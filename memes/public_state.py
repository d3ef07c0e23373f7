"""Whether what everybody can see is still what it was: one random word, another one after every change (`lease` asks).

The word is written by triggers of the database (migration 0032), in the transaction of the change itself. So it cannot be forgotten
by a verb that is written later, and who can see a change can see its word: a database shows all of a transaction or nothing. A
sequence would be cheaper than a row, but moves before the commit, and whoever read in between would keep the old page under the new
number. It is random, and not a number or a time: nobody can count from it, and no state of the database that ever was has the
word of another, not even one that was brought back from a copy.

Nobody waits for it who need not: what is sent and read before it is public does not touch it, and where it changes, PostgreSQL does
that last, at the commit, once in a transaction. So who holds it waits for nothing but the disk.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from memes import db
from memes.db import Base, Database

T = TypeVar("T")

_WORD, _ASKED = "word", "SELECT word FROM public_state WHERE id = 1"


class PublicState(Base):
    """The one row."""

    __tablename__ = "public_state"
    __table_args__ = ({"info": {"backup": False}},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(String(32))


def now(database: Database) -> str | None:
    """The word as it is committed now, asked as cheaply as can be; None if there is none, or if the database is away."""
    found = database.glance(_ASKED)
    return found if found is None else str(found)


def seen(session: Session) -> str | None:
    """The word in `session`, asked once: whatever it reads from here on is at least as new. Raises `db.AWAY`."""
    if _WORD not in session.info:
        session.info[_WORD] = session.connection().exec_driver_sql(_ASKED).scalar()
    found = session.info[_WORD]
    return found if found is None else str(found)


def remembered(database: Database, session: Session, read: Callable[..., T], *asked: Hashable) -> T:
    """What `read(session, *asked)` finds, asked once for each word: of what everybody can see, and not of what the clock changes.

    It is read in a session of its own, after that one's word: `session` may see changes of its own that are in no word yet.
    Raises `db.AWAY`.
    """
    word, known = seen(session), database.remembered.get((read, *asked))
    if word is None or known is None or known[0] != word:
        with database.reads() as fresh:
            known = seen(fresh), read(fresh, *asked)
        database.remembered[read, *asked] = known
    found: T = known[1]
    return found


def on_a_copy(database: Database) -> Session | None:
    """A session on the copy of the database, if the copy shows everybody at this moment what the database shows; else None.

    The database's own word is read first. So what is read here is never older than what would be read there: what was taken
    back is gone here too, however far the copy is behind. While the database is away, nobody can know, and there is none.
    """
    copied = database.copy()
    if copied is None:
        return None
    word = now(database)
    try:
        if word is not None and seen(copied) == word:
            return copied
    except db.AWAY:
        pass
    copied.close()
    return None
