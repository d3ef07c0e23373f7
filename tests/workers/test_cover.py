"""What was covered cannot be had back: nothing of it is in any size, the placeholder or the likeness."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from memes import log, pictures, redaction
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.redaction import Box
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from tests.workers.pictures import photo, saved, texture
from workers import pipeline
from workers.images import COVER, PREVIEW, PREVIEW_GROUND, Rendered, cover, render
from workers.render import cover_in_child, render_in_child

BOX = [0.3, 0.25, 0.2, 0.4]
SIZES = {320: (320, 240), 800: (800, 600), 1600: (1000, 750)}


def two(width: int = 1000, height: int = 750) -> Iterator[Image.Image]:
    """The same picture with two different things at the place of BOX."""
    for seed in (5, 6):
        picture = photo(width, height)
        place = tuple(round(part * side) for part, side in zip(BOX, (width, height) * 2, strict=True))
        picture.paste(photo(place[2], place[3], seed), place[:2])
        yield picture


def frames(data: bytes) -> Iterator[NDArray[np.int16]]:
    image = Image.open(io.BytesIO(data))
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        yield np.asarray(image.convert("RGB")).astype(np.int16)


def place(pixels: NDArray[np.int16]) -> NDArray[np.int16]:
    """What lies within BOX."""
    if pixels.shape[:2] == PREVIEW[::-1]:
        pixels = unframed(pixels)
    rows, columns = pixels.shape[:2]
    x, y, width, height = BOX
    return pixels[round(y * rows) : round((y + height) * rows), round(x * columns) : round((x + width) * columns)]


def unframed(pixels: NDArray[np.int16]) -> NDArray[np.int16]:
    """The picture in a preview: what is within the frame of 5 pixels on the bright ground."""
    strange = (pixels[:595] - PREVIEW_GROUND).min(axis=2) < -100
    rows, columns = np.flatnonzero(strange.any(axis=1)), np.flatnonzero(strange.any(axis=0))
    return pixels[rows[0] + 5 : rows[-1] - 4, columns[0] + 5 : columns[-1] - 4]


def test_nothing_under_a_box_reaches_any_file() -> None:
    # In a lossless picture nothing beside the box tells of it either: then all that is made is the same, byte for byte.
    first, second = (saved(picture, "PNG", compress_level=1) for picture in two())
    assert render(first) != render(second)
    covered = cover(first, [BOX], SIZES)
    assert covered == cover(second, [BOX], SIZES)
    assert {rendition.name for rendition in covered.renditions} == {
        "320.webp", "800.webp", "1600.webp", "800.jpg", "preview.jpg"
    }  # fmt: skip
    assert covered.likeness
    assert covered.likeness not in (render(first).likeness, render(second).likeness)


@pytest.mark.parametrize("moving", [False, True], ids=["still", "moving"])
def test_two_originals_are_one_colour_where_they_were_covered(moving: bool) -> None:
    made: list[Rendered] = []
    for picture in two(800, 600):
        others = [photo(800, 600, seed) for seed in (7, 8)]
        data = (
            saved(picture, "GIF", save_all=True, append_images=others, duration=90)
            if moving
            else saved(picture, "JPEG")
        )
        sent = render(data)
        largest = max((size for size in sent.renditions if size.format == "webp"), key=lambda size: size.width)
        made.append(cover_in_child(largest.data, [BOX], {320: (320, 240), 800: (800, 600)}))
        assert made[-1].animated is moving
        assert [(size.name, size.width, size.height) for size in made[-1].renditions] == [
            (size.name, size.width, size.height) for size in sent.renditions
        ]
    for one, other in zip(made[0].renditions, made[1].renditions, strict=True):
        pairs = list(zip(frames(one.data), frames(other.data), strict=True))
        assert len(pairs) == (3 if moving and one.format == "webp" else 1)
        for first, second in pairs:
            # What is left is the noise of the codec, which depends on what stands around (measured: 3, at the edge 14).
            assert abs(place(first) - COVER[:3]).max() <= 20, one.name
            assert abs(place(first) - place(second)).max() <= 20, one.name
            assert abs(place(first) - COVER[:3])[3:-3, 3:-3].max() <= 6, one.name
            assert abs(place(first) - place(second))[3:-3, 3:-3].max() <= 6, one.name


def test_what_shows_through_a_picture_is_covered_too() -> None:
    clear = Image.fromarray(np.dstack([texture(400, 300), np.zeros((300, 400), np.uint8)]), "RGBA")
    covered = cover(saved(clear, "WEBP", lossless=True, exact=True), [BOX], {320: (320, 240)})
    pixels = np.asarray(Image.open(io.BytesIO(covered.renditions[0].data)).convert("RGBA")).astype(np.int16)
    assert place(pixels)[..., 3].min() == 255
    assert pixels[0, 0, 3] == 0


def test_covering_a_tall_picture_again_and_again_keeps_its_size() -> None:
    sent = render(saved(photo(500, 9000), "PNG", compress_level=1))
    sizes = {int(size.name[:-5]): (size.width, size.height) for size in sent.renditions if size.format == "webp"}
    largest = next(size for size in sent.renditions if size.width == max(width for width, _ in sizes.values()))
    once = cover(largest.data, [BOX], sizes)
    twice = cover(
        next(size for size in once.renditions if size.name == largest.name).data, [BOX, [0, 0, 0.5, 0.1]], sizes
    )
    for made in (once, twice):
        assert [(size.name, size.width, size.height) for size in made.renditions] == [
            (size.name, size.width, size.height) for size in sent.renditions
        ]


# --- the way of an entry ---


def waiting(database: Database, store: MemoryStore) -> Entry:
    with database.writing() as session:
        data = saved(photo(400, 300), "JPEG")
        entry = make.received(session, image=data, store=store, kind="meme", alt="Fatima au lycée", text="")
    pipeline.process(database, store, render_in_child, entry.id)
    return now(database, entry)


def now(database: Database, entry: Entry) -> Entry:
    with database.reads() as session:
        return session.get_one(Entry, entry.id)


def redact(database: Database, entry: Entry, *boxes: Box) -> None:
    with database.writing() as session:
        found = session.get_one(Entry, entry.id)
        redaction.redact(session, found, [(box, "face") for box in boxes], [], actor="m", seen=found.version,
                         queue=RecordingQueue())  # fmt: skip


def keys(entry: Entry) -> set[str]:
    return {pictures.rendition_key(entry.id, size["file"]) for size in entry.renditions}


def test_a_covered_picture_replaces_the_one_before_and_nothing_else_is_left(
    database: Database, store: MemoryStore
) -> None:
    entry = waiting(database, store)
    redact(database, entry, Box(*BOX))
    before = now(database, entry)
    assert (before.state, before.source) == (
        State.RECEIVED,
        pictures.rendition_key(entry.id, redaction.largest(before.renditions)["file"]),
    )
    pipeline.process(database, store, render_in_child, entry.id)
    after = now(database, entry)
    assert (after.state, after.source, after.removed) == (State.PENDING, None, entry.removed)
    assert set(store.objects) == keys(after)
    assert not keys(after) & keys(before)
    assert after.placeholder != before.placeholder
    assert after.likeness != before.likeness
    (shown,) = frames(make.opened(store, after)[pictures.rendition_key(entry.id, after.renditions[0]["file"])])
    assert abs(place(shown)[3:-3, 3:-3] - COVER[:3]).max() <= 6
    with database.reads() as session:
        actions = [event.action for event in log.of_entry(session, entry.id)]
    assert actions == [Action.SUBMIT, Action.SETTLE, Action.REDACT, Action.SETTLE]


def test_a_worker_that_dies_at_any_step_leaves_no_mix_and_is_made_good(
    database: Database, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = waiting(database, store)
    redact(database, entry, Box(*BOX))
    put, done, step = store.put, 0, 0

    def dies(key: str, source: io.BytesIO) -> None:
        nonlocal done
        done += 1
        if done == step:
            raise KeyboardInterrupt
        put(key, source)

    monkeypatch.setattr(store, "put", dies)
    for fatal in (1, 3):  # before the first file, between two
        done, step = 0, fatal
        with pytest.raises(KeyboardInterrupt):
            pipeline.process(database, store, render_in_child, entry.id, lease=make.NO_TIME)
        assert now(database, entry).state is State.RECEIVED
    step = 0
    pipeline.process(database, store, render_in_child, entry.id, lease=make.NO_TIME)
    assert now(database, entry).state is State.PENDING
    assert set(store.objects) == keys(now(database, entry))


def test_a_late_worker_cannot_bring_back_what_was_covered(database: Database, store: MemoryStore) -> None:
    with database.writing() as session:
        entry = make.received(session, image=saved(photo(400, 300), "JPEG"), store=store, kind="meme")

    def slow(data: bytes) -> Rendered:
        pipeline.process(database, store, render_in_child, entry.id, lease=make.NO_TIME)
        redact(database, entry, Box(*BOX))
        pipeline.process(database, store, render_in_child, entry.id, lease=make.NO_TIME)
        return render(data)

    pipeline.process(database, store, slow, entry.id)
    after = now(database, entry)
    assert after.state is State.PENDING
    for size in after.renditions:
        (shown,) = frames(make.opened(store, after)[pictures.rendition_key(entry.id, size["file"])])
        assert abs(place(shown)[3:-3, 3:-3] - COVER[:3]).max() <= 6


def test_a_picture_that_cannot_be_covered_is_destroyed(database: Database, store: MemoryStore) -> None:
    entry = waiting(database, store)
    redact(database, entry, Box(*BOX))
    store.objects[now(database, entry).source or ""] = b"broken"
    pipeline.process(database, store, render_in_child, entry.id)
    after = now(database, entry)
    assert (after.state, after.renditions, after.has_image) == (State.UNREADABLE, [], False)
    assert store.objects == {}
