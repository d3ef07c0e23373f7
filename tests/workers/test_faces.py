"""Where faces are. The photograph is NASA's of Eileen Collins, in the public domain."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tests.workers.pictures import photo, saved
from workers import faces
from workers.images import cover
from workers.render import render_in_child

ASTRONAUT = Path(__file__).with_name("astronaut.jpg").read_bytes()
#: Her face, eyes to chin, as fractions of the picture.
FACE = (0.37, 0.15, 0.13, 0.17)


def holds(found: tuple[float, ...], place: tuple[float, ...]) -> bool:
    return (
        found[0] <= place[0]
        and found[1] <= place[1]
        and found[0] + found[2] >= place[0] + place[2]
        and found[1] + found[3] >= place[1] + place[3]
    )


def test_the_cage_proposes_a_box_for_a_face_and_none_once_it_is_covered() -> None:
    sent = render_in_child(ASTRONAUT)
    (found,) = sent.faces
    assert holds(found, FACE)
    assert found[2] * found[3] < 0.12
    largest = max((size for size in sent.renditions if size.format == "webp"), key=lambda size: size.width)
    covered = cover(largest.data, [list(found)], {int(largest.name[:-5]): (largest.width, largest.height)})
    assert covered.faces == ()
    assert render_in_child(saved(photo(900, 600), "JPEG")).faces == ()


def test_what_moves_is_looked_at_in_three_places() -> None:
    empty = Image.new("RGB", (512, 512), "white")
    face = Image.open(io.BytesIO(ASTRONAUT)).convert("RGB")
    for at in range(3):
        moving = [empty] * 3
        moving[at] = face
        sent = render_in_child(saved(moving[0], "GIF", save_all=True, append_images=moving[1:], duration=100))
        assert [holds(found, FACE) for found in sent.faces] == [True], at


def test_the_same_face_in_two_sizes_is_one_box_and_a_box_stays_on_the_picture() -> None:
    face = np.asarray(Image.open(io.BytesIO(ASTRONAUT)).convert("RGB"))
    assert len(faces.find([face, face])) == 1
    for x, y, width, height in faces.find([face[70:190, 180:270]]):
        assert min(x, y) >= 0
        assert max(x + width, y + height) <= 1
    assert faces.find([face[:3, :2]]) == ()
