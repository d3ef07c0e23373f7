"""What somebody types finds what a child wrote, however either of them writes; and nothing that is not published."""

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from memes import consents, db, entries, published, search
from memes.consents import Consents
from memes.db import Database
from memes.lifecycle import Action
from memes.models import Entry, SearchWord
from tests import make
from tests.fakes import MemoryStore

#: What stands in the gallery, each under a name for the table below.
TEXTS = {
    "class": "في مجموعة القسم قالوا عني كلامًا غير صحيح، وبكيت في المدرسة.",
    "friend": "صديقتي وقفت معي وأخبرت الأستاذة، وبسرعة توقّفت الرسائل.",
    "phone": "سرقوا هاتفي ونشروا صوري دون إذن على مجموعات كثيرة.",
    "games": "ألعاب الڤيديو ماشي للعب فقط: والدي علّمني كيف نحمي حسابي بـــكلمة سر قوية.",
    "idea": "فكرة بسيطة: الأصدقاء يدعمون بعضهم ولا يشاركون الإشاعات.",
    "night": "بالليل كانوا كيصيفطو ليا تهديدات، والحمد لله، والله هضرت مع ماما.",
    "number": "أنا عندي ١٣ سنة ومعلوماتي عند ٣ ديال الناس.",
    "ecole": "À l’école, mes amis m’ont aidée : on n’est pas seul·e.",
    "reseaux": "Sur les réseaux sociaux, quelqu'un a créé un faux compte à mon nom.",
    "coeur": "J'avais le cœur serré. Aujourd'hui ça va mieux, grâce à ma sœur.",
    "journal": "Une idée : écrire dans un journal, et lire des journaux sur la cyberviolence en classe.",
    "bus": "Dans le bus, ÉLODIE disait « arrête » et tout le monde s'est tu.",
    "english": "My friends blocked him and told a teacher. Screenshots help!",
}  # fmt: skip

#: What somebody types, and the names of what it finds.
QUERIES = [
    ("المدرسة", "class"), ("مدرسة", "class"), ("مدرسه", "class"), ("بالمدرسة", "class"), ("للمدرسة", "class"),
    ("والمدرسة", "class"), ("مَدْرَسَة", "class"), ("المـــدرسة", "class"), ("قسم", "class"), ("كلاما", "class"),
    ("كلام", ""), ("بكيت", "class"), ("مجموعة", "class phone"), ("مجموعات", "phone"), ("مجموعه القسم", "class"),
    ("صديقتي", "friend"), ("صديقة", "friend"), ("صديق", "friend"), ("أستاذة", "friend"), ("الاستاذه", "friend"),
    ("سرعة", "friend"), ("رسائل", "friend"), ("أخبرت", "friend"), ("اخبرت", "friend"), ("هاتف", "phone"),
    ("الهاتف", "phone"), ("صور", "phone"), ("على", "phone"), ("علي", "phone"), ("إذن", "phone"), ("اذن", "phone"),
    ("ألعاب", "games"), ("العاب", "games"), ("الألعاب", "games"), ("لعب", "games"), ("فيديو", "games"), ("والدي", "games"),
    ("حساب", "games"), ("كلمة سر", "games"), ("كلمه السر", "games"), ("السر", "games"),
    ("الله", "night"), ("له", ""), ("كرة", ""), ("فكرة", "idea"), ("الفكرة", "idea"),
    ("أصدقاء", "idea"), ("اصدقاء", "idea"), ("إشاعات", "idea"), ("الاشاعات", "idea"), ("ليل", "night"), ("بالليل", "night"),
    ("تهديد", "night"), ("تهديدات", "night"), ("الحمد", "night"), ("ماما", "night"), ("13", "number"), ("١٣ سنة", "number"),
    ("معلومة", "number"), ("معلومات", "number"), ("الناس", "number"), ("ناس", "number"),
    ("école", "ecole"), ("ecole", "ecole"), ("l'école", "ecole"), ("L’ÉCOLE", "ecole"), ("ami", "ecole"), ("amis", "ecole"),
    ("aidee", "ecole"), ("réseau", "reseaux"), ("reseaux", "reseaux"), ("RÉSEAUX SOCIAUX", "reseaux"), ("social", "reseaux"),
    ("créé", "reseaux"), ("faux comptes", "reseaux"), ("quelqu’un", "reseaux"), ("coeur", "coeur"), ("cœur", "coeur"),
    ("sœurs", "coeur"), ("aujourd'hui", "coeur"), ("ca va", "coeur"), ("journal", "journal"), ("journaux", "journal"),
    ("idees", "journal"), ("cyberviolences", "journal"), ("elodie", "bus"), ("bus", "bus"), ("arrete", "bus"),
    ("friend", "english"), ("screenshot teacher", "english"), ("école بالليل", ""), ("introuvable", ""), ("؟!", ""),
    ("% _ ' \" * AND OR (", ""),
]  # fmt: skip


def approved(session: Session, **changes: object) -> Entry:
    entry = make.pending(session, **changes)  # type: ignore[arg-type]
    entries.transition(session, entry, Action.ENDORSE, actor="n")  # some of these words need two people
    entries.transition(session, entry, Action.APPROVE, actor="m")
    return entry


def found(session: Session, query: str) -> set[UUID]:
    return {card.id for card in published.published_page(session, find=query, limit=100).cards}


def test_whatever_is_typed_finds_what_was_meant(session: Session) -> None:
    names = {approved(session, text=words).id: name for name, words in TEXTS.items()}
    assert len(QUERIES) >= 40
    wrong = {
        query: hits for query, name in QUERIES
        if (hits := {names[entry_id] for entry_id in found(session, query)}) != set(name.split())
    }  # fmt: skip
    assert not wrong


def test_captions_and_descriptions_are_found_too(session: Session) -> None:
    meme = approved(session, kind="meme", text="", caption="قطة شجاعة", alt="Un chat devant un écran")
    assert found(session, "القطة") == found(session, "ecrans") == found(session, "chat قطة") == {meme.id}


@pytest.mark.parametrize("way", ["withdraw", "take down", "hide", "undo"])
def test_what_leaves_the_public_is_found_by_nobody_and_its_words_are_gone(
    session: Session, store: MemoryStore, way: str
) -> None:
    entry, other = approved(session, text="une histoire secrète"), approved(session, text="une autre")
    assert found(session, "secret") == set()
    assert found(session, "secrete") == {entry.id}
    if way == "withdraw":
        entries.withdraw(session, entry, store=store)
    elif way == "hide":
        consents.choose(session, entry, Consents(gallery=False, schools=True, printing=True), store=store)
    else:
        action = Action.UNDO if way == "undo" else Action.TAKE_DOWN
        entries.transition(session, entry, action, actor="m")
    assert found(session, "secrete") == set()
    assert set(session.scalars(select(SearchWord.entry_id))) == {other.id}


def test_on_the_disk_nothing_is_left_of_withdrawn_words(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "kept.db"
    path.write_bytes(sqlite_template.read_bytes())
    with Database(f"sqlite:///{path}", make.KEYS) as database:
        with database.writing() as session:
            entry = approved(session, text="un secretissime")
        assert b"secretissime" in path.read_bytes() + Path(f"{path}-wal").read_bytes()
        with database.writing() as session:
            entries.withdraw(session, session.get_one(Entry, entry.id), store=MemoryStore())
        with database.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        assert b"secretissime" not in path.read_bytes()


def test_nothing_but_what_is_published_has_words(session: Session) -> None:
    make.pending(session, text="pas encore")
    approved(session, text="sans galerie", consent_gallery=False)
    assert not session.scalars(select(SearchWord)).all()


def test_pages_of_a_search_follow_each_other_newest_first_and_keep_the_filters(session: Session) -> None:
    made = [approved(session, text=f"école {number}", theme=("hate", "rumours")[number % 2]) for number in range(9)]
    for days, entry in enumerate(made):  # as if approved on other days
        entry.published_on = date(2026, 1, 1 + days // 2)
        session.flush()
        search.keep(session, entry)
    session.commit()
    wanted = [card.id for card in published.published_page(session, {"theme": "hate"}).cards]
    seen: list[UUID] = []
    cursor = None
    while True:
        page = published.published_page(session, {"theme": "hate"}, find="ecole", after=cursor, limit=2)
        seen += [card.id for card in page.cards]
        cursor = page.next
        if cursor is None:
            break
    assert seen == wanted
    assert len(seen) == 5


def test_the_gallery_and_the_api_search_and_keep_what_was_typed(client: FlaskClient, session: Session) -> None:
    story = approved(session, text="Sur les réseaux", theme="hate", language="fr")
    other = approved(session, text="Les reseaux aussi", theme="rumours", language="fr")
    session.commit()
    page = client.get("/fr/gallery?q=réseau&theme=hate").text
    assert str(story.id) in page
    assert str(other.id) not in page
    assert 'value="réseau"' in page
    assert '<input type="hidden" name="theme" value="hate">' in page
    assert "/fr/gallery?theme=rumours&amp;q=r%C3%A9seau" in page, "other filters keep what is looked for"
    assert "rien" in client.get("/fr/gallery?q=introuvable").text.lower()
    answer = client.get("/api/v1/gallery?q=RESEAUX&language=fr").json
    assert answer is not None
    assert {item["id"] for item in answer["items"]} == {str(story.id), str(other.id)}
    assert client.get("/api/v1/gallery?q=%3F").json == {"items": [], "next": None}


def test_the_migration_gives_what_is_published_the_same_words(database: Database) -> None:
    with database.writing() as session:
        for words in TEXTS.values():
            approved(session, text=words, caption="قطة", alt="un chat")
        made = rows(session)
        session.execute(delete(SearchWord))
        make.as_before_keys(session)
    with database.engine.begin() as connection:  # as it was before
        connection.execute(text("DROP TABLE search_words"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0016'"))
    db.upgrade(database.url.render_as_string(hide_password=False), "0017")
    with database.reads() as session:
        assert rows(session) == made


def rows(session: Session) -> set[tuple[str, date, UUID]]:
    return {(row.word, row.published_on, row.entry_id) for row in session.scalars(select(SearchWord))}
