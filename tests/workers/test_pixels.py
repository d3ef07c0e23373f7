"""Scaling: as like the picture as Pillow's LANCZOS, which takes three times as long, and nothing but pixels comes through."""

import numpy as np
import pytest
from PIL import Image

from tests.workers.pictures import photo
from workers.pixels import clean, scaled

MODES = ("L", "RGB", "RGBA", "CMYK")


def seen(width: int, height: int, mode: str) -> Image.Image:
    made = photo(width, height).convert(mode)
    if mode == "RGBA":
        made.putalpha(Image.linear_gradient("L").resize(made.size))
    return made


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("width", [790, 630, 400, 317, 160, 79, 31])
def test_a_smaller_picture_is_that_of_lanczos(mode: str, width: int) -> None:
    source = seen(801, 603, mode)
    size = (width, width * 3 // 4)
    made, expected = scaled(source, size), source.resize(size, Image.Resampling.LANCZOS)
    assert (made.mode, made.size) == (mode, size)
    # What is nearly transparent has hardly a colour.
    a, b = (np.asarray(image.convert("RGBa") if mode == "RGBA" else image, np.float32) for image in (made, expected))
    assert np.sqrt(((a - b) ** 2).mean()) < 0.9


def test_what_is_large_needs_no_second_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    small = scaled(seen(801, 603, "RGB"), (400, 300))
    monkeypatch.setattr("workers.pixels.LARGE", 801 * 603 - 1)
    monkeypatch.setattr("cv2.sepFilter2D", None)
    assert np.abs(np.asarray(scaled(seen(801, 603, "RGB"), (400, 300)), int) - np.asarray(small)).mean() < 0.9


def test_of_a_picture_that_has_its_size_nothing_but_the_pixels_is_taken() -> None:
    source = seen(64, 48, "RGB")
    source.info = {"comment": "where I live", "icc_profile": b"mine"}
    made = scaled(source, source.size)
    assert made.tobytes() == source.tobytes()
    assert not made.info


@pytest.mark.parametrize("size", [(64, 48), (40, 30), (15, 11)])
def test_what_is_under_full_transparency_is_gone_and_colours_no_neighbour(size: tuple[int, int]) -> None:
    source = Image.new("RGBA", (64, 48), (255, 0, 0, 0))
    source.paste((0, 0, 255, 255), (0, 0, 32, 48))
    made = np.asarray(clean(source, size, 1, None), np.int32)
    assert made[:, -3:].max() == 0
    assert made[..., 0].max() == 0


@pytest.mark.parametrize(("size", "smaller"), [((1, 1), (1, 1)), ((900, 1), (320, 1)), ((2, 900), (1, 320)), ((3, 3), (2, 2))])
def test_lines_and_points_can_be_scaled(size: tuple[int, int], smaller: tuple[int, int]) -> None:
    assert scaled(Image.new("RGB", size, (9, 99, 199)), smaller).getcolors() == [(smaller[0] * smaller[1], (9, 99, 199))]
