"""Files of editors: known by their bytes, public with their article, and whole."""

import io
import re

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from memes import attachments, films, privacy, verify, writing
from memes.articles import Content, File, Words
from memes.attachments import LIMITS, Attachment
from memes.db import Database
from memes.errors import UploadRefused
from tests.fakes import MemoryStore
from tests.journeys.pictures import broken_picture, phone_photo, tells_nothing
from tests.memes.films import MP4, PDF, VTT, WEBM, box, paper
from workers import containers, documents, editors_files, housekeeping, images


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pdf", PDF), ("mp4", MP4), ("webm", WEBM), ("webm", WEBM.replace(b"\x41\xf4", b"\x7f\xff")), ("vtt", VTT),
        ("vtt", b"\xef\xbb\xbf" + VTT),
    ],
)  # fmt: skip
def test_a_file_is_known_by_its_bytes(name: str, data: bytes) -> None:
    stream = io.BytesIO(data)
    seen = attachments.inspect(stream)
    assert (seen.format, seen.size, stream.tell()) == (name, len(data), 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script>", "type"),
        (b"MZ\x90\0" + PDF, "type"),
        (b"GIF89a\1\0\1\0\0\0\0<script>", "damaged"),
        (b" " + PDF, "type"),
        (PDF[:-7], "damaged"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript /JS (app.alert) >>"), "active"),
        (PDF.replace(b"endobj", b" " * 65_520 + b"/JavaScript endobj"), "active"),
        (PDF.replace(b"/Catalog", b"/Catalog /Launch"), "active"),
        (MP4[:-10], "damaged"),
        (box(b"ftyp", b"isom\0\0\2\0") + box(b"mdat", bytes(9)), "damaged"),
        (box(b"ftyp", b"qt  \0\0\2\0") + MP4, "type"),
        (box(b"ftyp", b"isom\0\0\2\0") + b"\0\0\0\x03moov", "damaged"),
        (WEBM[:20], "damaged"),
        (WEBM[:30], "damaged"),
        (WEBM[:-1], "damaged"),
        (WEBM.replace(b"\x84webm", b"\x88matroska"), "type"),
        (b"WEBVTT\n\nno times\n", "damaged"),
        (b"WEBVTTX\n\n00:00.000 --> 00:02.000\n", "type"),
        (VTT + b"\xff\xfe", "damaged"),
        (b"WEBVTT\n-->" + b"x" * LIMITS["vtt"], "too_big"),
    ],
    ids=range(21),
)
def test_what_is_something_else_or_broken_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        attachments.inspect(io.BytesIO(data))
    assert refused.value.reason == reason


def put(session: Session, store: MemoryStore, data: bytes = MP4) -> Attachment:
    """A resource with one file, public whatever it lacks."""
    attachment = attachments.keep(session, io.BytesIO(data), store=store)
    article = writing.create(session, "resource", Content({"fr": Words("Film")}, files=(File(attachment.id, "fr"),)), editor="ed")
    attachment.article_id = article.id
    article.published = article.latest
    session.flush()
    return attachment


def test_a_file_is_public_while_it_is_in_what_is_public(session: Session, store: MemoryStore) -> None:
    attachment = put(session, store)
    assert attachments.public(session, attachment.id) is attachment
    article = writing.find(session, "resource", "film")
    assert article is not None
    writing.save(session, "resource", "film", Content({"fr": Words("Film")}), editor="ed", seen=article.version)
    assert attachments.public(session, attachment.id) is attachment
    writing.publish(session, article)
    assert attachments.public(session, attachment.id) is None
    writing.restore(session, article, 1, editor="ed", seen=article.version)
    writing.publish(session, article, formats=("mp4", "vtt"))
    assert attachments.public(session, attachment.id) is attachment
    writing.unpublish(session, "resource", "film", seen=article.version)
    assert attachments.public(session, attachment.id) is None


def test_what_no_row_names_is_swept_and_what_one_names_stays(database: Database, store: MemoryStore) -> None:
    with database.writing() as session:
        kept = put(session, store).key
    with database.writes() as session:
        attachments.keep(session, io.BytesIO(PDF), store=store)
    for key in store.written:
        store.written[key] = privacy.now() - 2 * housekeeping.ORPHAN_AGE
    assert housekeeping.remove_orphans(database, store) == 1
    assert list(store.keys("campaign/")) == [kept]
    with database.reads() as session:
        assert not list(verify.faults(session, store))
        store.objects[kept] = b"another"
        assert list(verify.faults(session, store)) == [f"{kept} is not what was reviewed."]


def test_a_picture_is_made_anew_and_the_original_goes(database: Database, store: MemoryStore) -> None:
    with database.writing() as session:
        good, bad = (put(session, store, data).id for data in (phone_photo(), broken_picture()))
        assert attachments.public(session, good) is None, "not before it is clean"
    assert len(list(store.keys(attachments.WAITING))) == 2
    for key in store.written:
        store.written[key] = privacy.now() - 2 * housekeeping.ORPHAN_AGE
    assert housekeeping.remove_orphans(database, store) == 0
    assert editors_files.clean(database, store, images.render) == 2
    assert editors_files.clean(database, store, images.render) == 0
    with database.reads() as session:
        shown = attachments.public(session, good)
        assert shown is not None
        assert shown.source is None
        assert attachments.public(session, bad) is None
        assert not list(verify.faults(session, store))
    assert list(store.objects) == [shown.key], "nothing is left of the originals"
    assert tells_nothing(store.objects[shown.key])


AUTHOR = "Benjelloun"


def test_a_document_says_nothing_of_its_author_and_shows_the_same() -> None:
    photo = phone_photo()
    told = paper(photo=photo, author=AUTHOR)
    assert told.count(AUTHOR.encode()) >= 5
    made = documents.clean_in_child(told)
    assert not re.search(rb"Benjelloun|/Author|/Creat|/Producer|/Metadata|/PieceInfo|/ID|D:2026|Exif|GPS", made)
    assert b"Well said" in made
    [page] = PdfReader(io.BytesIO(made)).pages
    [picture] = page["/Resources"]["/XObject"].values()  # type: ignore[index]
    assert tells_nothing(picture.get_object()._data)
    assert picture.get_object()._data[-2000:] == containers.unpack(photo, 1).data[-2000:]
    for broken in (told[: len(told) // 2], b"%PDF-1.7\n%%EOF", PDF.replace(b"/Pages", b"/Nages"), b""):
        with pytest.raises(containers.UnreadableImage):
            documents.clean_in_child(broken)


def test_a_film_says_nothing_of_its_making_and_nothing_in_it_moves() -> None:
    said = AUTHOR.encode()
    named = box(b"mdia", box(b"hdlr", bytes(8) + b"vide" + bytes(12) + said))
    track = box(b"trak", box(b"tkhd", bytes(4) + b"\x77" * 8 + bytes(72)) + named)
    moov = box(b"mvhd", b"\1\0\0\0" + b"\x77" * 16 + bytes(90)) + track + box(b"udta", box(b"\xa9xyz", b"+33.57-007.58/"))
    film = MP4[:24] + box(b"moov", moov + box(b"meta", said)) + box(b"uuid", said * 9000) + box(b"mdat", b"frames" * 99)
    stream = io.BytesIO(film)
    assert films.forget(stream, len(film))
    made = stream.getvalue()
    assert len(made) == len(film)
    assert not re.search(rb"Benjelloun|\xa9xyz|33.57|\x77|udta|uuid", made)
    assert made.index(b"frames") == film.index(b"frames")
    assert attachments.inspect(io.BytesIO(made)).format == "mp4"
    for data in (film.replace(b"vide", b"meta"), film.replace(b"vide", b"camm")):
        with pytest.raises(UploadRefused, match="tracks"):
            films.forget(io.BytesIO(data), len(data))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_film_comes_in_parts_and_a_document_to_be_saved(client: FlaskClient, database: Database, store: MemoryStore) -> None:
    with database.writing() as session:
        film, paper = put(session, store).id, put(session, store, PDF).id
    assert client.get(f"/files/{paper}").status_code == 404, "not before it is clean"
    editors_files.clean(database, store, images.render, documents.clean)
    answer = client.get(f"/files/{film}")
    assert (answer.data, answer.content_type, answer.headers["Accept-Ranges"]) == (MP4, "video/mp4", "bytes")
    part = client.get(f"/files/{film}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, MP4[10:20], f"bytes 10-19/{len(MP4)}")
    assert client.get(f"/files/{film}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(f"/files/{film}", headers={"Range": "bytes=99999-"}).status_code == 416
    saved = client.get(f"/files/{paper}")
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    for one in (answer, saved):
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert one.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "max-age=60" in one.headers["Cache-Control"]
    page = client.get("/fr/resources/film").text  # the first of the two
    assert f'src="/files/{film}" type="video/mp4"' in page
    store.objects.clear()
    assert client.get(f"/files/{film}").status_code == 404
