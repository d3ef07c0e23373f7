"""What `instamemes verify` finds."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from memes import verify
from moderation import audit
from tests import make
from tests.fakes import MemoryStore


def test_an_untouched_house_has_no_fault(session: Session, store: MemoryStore) -> None:
    make.pending(session, store=store, image=b"picture")
    assert list(verify.faults(session, store)) == []


def test_a_changed_picture_a_missing_one_and_a_changed_line_are_named(session: Session, store: MemoryStore) -> None:
    entry = make.pending(session, store=store, image=b"picture")
    store.objects[f"renditions/{entry.id}/320.webp"] = b"another picture"
    del store.objects[f"renditions/{entry.id}/800.jpg"]
    for _ in range(2):
        audit.record(session, None, audit.Deed.CHANGE_SETTING, "retention")
    session.execute(text("UPDATE entry_events SET actor = 'nobody' WHERE seq = 1"))
    session.execute(text("DELETE FROM desk_events WHERE seq = 2"))
    session.expire_all()
    assert list(verify.faults(session, store)) == [
        "The log does not fit its chain from line 1 on.",
        "The desk's log does not fit its chain from line 2 on.",
        f"renditions/{entry.id}/320.webp is not what was reviewed.",
        f"renditions/{entry.id}/800.jpg is missing.",
    ]
