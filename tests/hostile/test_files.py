"""Hundreds of files made to hurt: refused kindly or made clean, cheaply, and what is stored tells nothing of them."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from memes.db import Database
from memes.models import Entry
from memes.settings import Settings
from tests.fakes import MemoryStore
from tests.hostile import catalogue
from tests.hostile.cages import Cages, Judged, said
from tests.hostile.file import KINDLY, STOWAWAYS, File, Outcome
from tests.memes.test_intake import fields, multipart
from tests.workers import exiftool
from workers.images import MAX_BYTES, UnreadableImage
from workers.render import MEMORY, REASONS, render_in_child

MEGABYTE = 1 << 20
Figure = Callable[..., None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As many as one likes from one network."""
    return replace(settings, limits=False)


@dataclass(frozen=True)
class Tried:
    """A file, what the web said to it ("" if it took it), and what a cage made of it, whatever the web had said."""

    file: File
    said: str
    judged: Judged

    @property
    def is_clean(self) -> bool:
        return not self.said and self.judged.rendered is not None


@pytest.fixture(scope="module")
def tried(thorough: bool) -> list[Tried]:
    """Each file, handed to the web's inspection and to a cage of its own."""
    with Cages() as cages:
        return [_tried(file, cages) for file in (catalogue.everything() if thorough else catalogue.short())]


def _tried(file: File, cages: Cages) -> Tried:
    data = file.make()
    judged = Judged(None, "too_large", 0, 0, 0) if len(data) > MAX_BYTES else cages.judge(data)
    return Tried(file, said(data), judged)


def test_there_are_hundreds_and_each_ends_as_the_catalogue_says(tried: list[Tried], figure: Figure) -> None:
    wrong = [
        (one.file.name, one.file.outcome.value, one.said, one.judged.reason)
        for one in tried
        if one.file.outcome is (Outcome.REJECT if one.is_clean else Outcome.CLEAN)
    ]
    assert wrong == []
    assert len({one.file.name for one in tried}) == len(tried) >= 300
    assert {one.said for one in tried} <= KINDLY
    assert {one.judged.reason for one in tried} <= {*REASONS, ""}
    figure("hostile.files", len(tried), goal=">= 300", unit="files")
    figure("hostile.files_as_expected", len(tried) - len(wrong), goal=f"= {len(tried)}", unit="files")
    figure("hostile.files_made_clean", sum(one.is_clean for one in tried), unit="files")


def test_none_costs_much_and_none_brings_its_process_down(tried: list[Tried], figure: Figure) -> None:
    seconds, memory = (max(of(one.judged) for one in tried) for of in (lambda j: j.seconds, lambda j: j.memory))
    figure("hostile.most_cpu", round(seconds, 2), goal="<= 5", unit="s")
    figure("hostile.most_memory", memory // MEGABYTE, goal="<= 512", unit="MB")
    figure("hostile.processes_killed", sum(bool(one.judged.killed) for one in tried), goal="= 0", unit="processes")
    assert [one.file.name for one in tried if one.judged.killed] == []
    # Not a matter of how fast this machine is: the dearest of them needs half of it here.
    assert [one.file.name for one in tried if one.judged.seconds > 5] == []
    assert [one.file.name for one in tried if one.judged.memory > 512 * MEGABYTE] == []
    assert MEMORY < 512 * MEGABYTE


def test_no_canary_and_no_stowaway_is_in_what_is_stored(tried: list[Tried]) -> None:
    found = [(name, stowaway) for name, data in _stored(tried) for stowaway in STOWAWAYS if stowaway in data]
    assert found == []


def test_what_is_stored_ends_where_its_picture_ends(tried: list[Tried]) -> None:
    for name, data in _stored(tried):
        if name.endswith(".webp"):
            assert int.from_bytes(data[4:8], "little") + 8 == len(data), name
        else:
            assert (data[-2:], data.count(b"\xff\xd8\xff")) == (b"\xff\xd9", 1), (
                name
            )  # no second, smaller picture inside


def test_exiftool_finds_only_structure_in_what_is_stored(tried: list[Tried], tmp_path: Path, figure: Figure) -> None:
    names = {}
    for name, data in _stored(tried):  # the same picture with other baggage comes out as the same bytes
        digest = hashlib.sha256(data).hexdigest()[:16]
        if digest not in names:
            names[digest] = name
            (tmp_path / f"{digest}{Path(name).suffix}").write_bytes(data)
    files = exiftool.seen(tmp_path)
    assert len(files) == len(names)
    leaks = {names[Path(file).stem]: told for file, told in exiftool.leaks(files).items()}
    figure("hostile.files_with_metadata_left", len(leaks), goal="= 0", unit="files")
    assert leaks == {}


def test_colours_and_turns_are_those_of_the_picture_that_was_sent(tried: list[Tried]) -> None:
    compared = [one for one in tried if one.file.shows]
    assert len(compared) > 80
    wrong = {one.file.name: _error(one) for one in compared}
    assert {name: error for name, error in wrong.items() if error} == {}


def _error(one: Tried) -> float | str:
    """How far the picture is from what a person saw, in levels of 255; 0 if it is near enough."""
    assert one.file.shows
    assert one.judged.rendered
    data = next(size.data for size in one.judged.rendered.renditions if size.name == "800.jpg")
    seen, meant = Image.open(io.BytesIO(data)).convert("RGB"), one.file.shows()
    if seen.size != meant.size:
        return f"{seen.size} instead of {meant.size}"
    error = float(np.abs(np.asarray(seen, float) - np.asarray(meant, float)).mean())
    return error if error > one.file.error else 0.0


def _stored(tried: list[Tried]) -> Iterator[tuple[str, bytes]]:
    """Every clean size of every file, also of those that the web would not have let through to the cage."""
    for one in tried:
        for size in one.judged.rendered.renditions if one.judged.rendered else ():
            yield f"{one.file.name}-{size.name}", size.data


def test_a_cage_as_the_worker_makes_it_comes_to_the_same_end(tried: list[Tried], thorough: bool) -> None:
    for one in tried if thorough else tried[::80]:
        data = one.file.make()
        try:
            rendered, reason = render_in_child(data), ""
        except UnreadableImage as refused:
            rendered, reason = None, refused.reason
        assert (rendered, reason) == (one.judged.rendered, one.judged.reason), one.file.name


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_form_answers_each_with_a_receipt_or_a_kind_sentence(
    tried: list[Tried], client: FlaskClient, database: Database, store: MemoryStore, thorough: bool
) -> None:
    taken = 0
    for one in tried if thorough else tried[::20]:
        sent = fields(kind="meme", text="", caption=one.file.name)
        answer = client.post("/ar/share/meme", **multipart(sent, one.file.make()))
        assert answer.status_code in ({200, 201, 303} if not one.said else {413, 422}), (
            one.file.name,
            answer.status_code,
        )
        taken += not one.said
        assert "ahmed" not in answer.text
    with database.reads() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == taken == len(store.objects)
