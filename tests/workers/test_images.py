"""What a picture looks like after rendering: sizes, the right way up, the right colours, moving or still."""

import base64
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from tests.workers import pictures
from tests.workers.pictures import photo, saved, texture
from workers.images import PREVIEW_GROUND, Rendered, render
from workers.likeness import distance
from workers.pixels import still

#: Made of every picture, for other sites to show.
PREVIEW = {"preview.jpg": (1200, 630)}


def sizes(result: Rendered) -> dict[str, tuple[int, int]]:
    return {rendition.name: (rendition.width, rendition.height) for rendition in result.renditions}


def opened(result: Rendered, name: str) -> Image.Image:
    (data,) = [rendition.data for rendition in result.renditions if rendition.name == name]
    return Image.open(io.BytesIO(data))


def pixels(image: Image.Image) -> NDArray[np.float64]:
    return np.asarray(image.convert("RGB"), dtype=np.float64)


def error(found: Image.Image, expected: Image.Image) -> float:
    """Mean difference per channel, 0 to 255."""
    expected = expected.convert("RGB").resize(found.size, Image.Resampling.LANCZOS)
    return float(np.abs(pixels(found) - pixels(expected)).mean())


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((200, 150), {"320.webp": (200, 150), "800.jpg": (200, 150)}),
        ((320, 100), {"320.webp": (320, 100), "800.jpg": (320, 100)}),
        ((500, 250), {"320.webp": (320, 160), "800.webp": (500, 250), "800.jpg": (500, 250)}),
        (
            (801, 400),
            {"320.webp": (320, 160), "800.webp": (800, 400), "1600.webp": (801, 400), "800.jpg": (800, 400)},
        ),
        (
            (2000, 1000),
            {"320.webp": (320, 160), "800.webp": (800, 400), "1600.webp": (1600, 800), "800.jpg": (800, 400)},
        ),
        ((100, 3000), {"320.webp": (43, 1280), "800.jpg": (43, 1280)}),
        ((400, 4000), {"320.webp": (128, 1280), "800.webp": (320, 3200), "800.jpg": (320, 3200)}),
        ((1, 1), {"320.webp": (1, 1), "800.jpg": (1, 1)}),
        ((12_000, 1), {"320.webp": (320, 1), "800.webp": (800, 1), "1600.webp": (1600, 1), "800.jpg": (800, 1)}),
        ((1, 12_000), {"320.webp": (1, 1280), "800.jpg": (1, 1280)}),
    ],
)
def test_sizes_are_made_up_to_1600_and_never_enlarged(
    size: tuple[int, int], expected: dict[str, tuple[int, int]]
) -> None:
    result = render(saved(photo(*size), "PNG", compress_level=1))
    assert sizes(result) == expected | PREVIEW
    for rendition in result.renditions:
        image = Image.open(io.BytesIO(rendition.data))
        assert image.size == (rendition.width, rendition.height)
        assert image.format == {"webp": "WEBP", "jpeg": "JPEG"}[rendition.format]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_shown_the_right_way_up(kind: str, orientation: int) -> None:
    upright = photo(360, 240)
    # How a camera held that way stores it: the inverse of what a viewer does.
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    if kind == "JPEG":
        data = pictures.loaded_jpeg(stored, orientation, order=">")
    elif kind == "PNG":
        data = pictures.loaded_png(stored, orientation)
    else:
        data = saved(stored, "WEBP", exif=pictures.exif(orientation), quality=95)
    result = render(data)
    assert (result.width, result.height) == (360, 240)
    assert error(opened(result, "800.webp"), upright) < 6


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_phones_that_store_a_turn_beside_the_pixels_are_obeyed_once(kind: str) -> None:
    upright = photo(360, 240)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    result = render(saved(stored, kind, exif=exif.tobytes()))
    assert (result.width, result.height) == (360, 240)
    assert error(opened(result, "800.webp"), upright) < 6


def test_a_large_portrait_photo_is_decoded_small_and_turned() -> None:
    upright = photo(1000, 2600)
    result = render(pictures.loaded_jpeg(upright.transpose(Image.Transpose.ROTATE_90), 6))
    assert sizes(result)["800.webp"] == (800, 2080)
    assert error(opened(result, "320.webp"), upright) < 5


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_what_is_nearly_large_enough_at_half_the_size_is_decoded_so(mode: str) -> None:
    seen = photo(3000, 900).convert(mode)
    source = JpegImageFile(io.BytesIO(saved(seen, "JPEG", quality=92)))
    made = still(source, (1600, 480), 1)
    assert source.size == (1500, 450)
    assert made.size == (1600, 480)
    assert error(made, seen) < 4


def shade(image: Image.Image) -> Image.Image:
    """Average the grain away, which encoders change, and leave the colours, which they must not."""
    return image.convert("RGB").resize((40, 30), Image.Resampling.BOX)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_wide_colours_are_brought_to_srgb(kind: str) -> None:
    # Softened, so that all colours exist in sRGB and the expected values are known.
    seen = Image.fromarray((texture(400, 300).astype(np.uint16) * 3 // 5 + 40).astype(np.uint8))
    wide = pictures.in_wide_colours(seen)
    options = {"quality": 95} if kind != "PNG" else {}
    result = render(saved(wide, kind, icc_profile=pictures.wide_profile(), **options))
    assert error(shade(wide), shade(seen)) > 3, "the two pictures must differ for this test to mean anything"
    assert error(shade(opened(result, "800.webp")), shade(seen)) < 1.2
    assert error(shade(opened(result, "800.jpg")), shade(seen)) < 1.2


@pytest.mark.parametrize("profile", [b"", b"nonsense", pictures.wide_profile()[:200], b"\0" * 3000])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    result = render(saved(photo(), "PNG", icc_profile=profile))
    assert error(opened(result, "800.webp"), photo()) < 5


def test_a_profile_for_other_colours_than_the_pictures_is_ignored() -> None:
    result = render(saved(photo().convert("L"), "JPEG", quality=95, icc_profile=pictures.wide_profile()))
    assert error(opened(result, "800.webp"), photo().convert("L")) < 5


def grey_alpha() -> Image.Image:
    image = photo().convert("L")
    image.putalpha(Image.new("L", image.size, 255))
    return image


@pytest.mark.parametrize(
    ("data", "expected", "bound"),
    [
        (saved(photo().convert("CMYK"), "JPEG", quality=95), photo(), 6),
        (
            saved(Image.fromarray(texture(420, 300)[:, :, 1].astype(np.uint16) << 8), "PNG"),
            texture(420, 300)[:, :, 1],
            4,
        ),
        (saved(grey_alpha(), "PNG"), photo().convert("L"), 4),
        (saved(photo().quantize(200), "PNG"), photo(), 12),
        (saved(photo(), "JPEG", quality=95, progressive=True), photo(), 5),
        (saved(photo(), "HEIF", quality=90), photo(), 5),
        (saved(photo(), "AVIF", quality=90, speed=9), photo(), 5),
    ],
    ids=["cmyk", "16-bit", "grey-alpha", "palette", "progressive", "heic", "avif"],
)
def test_unusual_pixels_look_as_before(data: bytes, expected: Image.Image | NDArray[np.uint8], bound: float) -> None:
    wanted = expected if isinstance(expected, Image.Image) else Image.fromarray(expected)
    result = render(data)
    assert error(opened(result, "800.webp"), wanted) < bound
    assert error(opened(result, "800.jpg"), wanted) < bound


def test_a_drawing_of_one_bit_keeps_black_and_white() -> None:
    drawing = np.zeros((300, 420), np.uint8)
    drawing[100:200, 100:300] = 255
    result = render(saved(Image.fromarray(drawing).convert("1"), "PNG"))
    assert error(opened(result, "800.webp"), Image.fromarray(drawing)) < 3


def test_a_png_written_for_another_gamma_is_shown_like_in_a_browser() -> None:
    linear = (255 * (texture(420, 300) / 255) ** 2.2).round().astype(np.uint8)
    gamma = pictures.chunk(b"gAMA", (100_000).to_bytes(4, "big"))
    result = render(pictures.with_chunks(saved(Image.fromarray(linear), "PNG"), [gamma]))
    assert error(opened(result, "800.webp"), photo()) < 5


def test_transparency_stays_in_webp_and_becomes_white_in_jpeg() -> None:
    image = photo()
    image.putalpha(0)
    image.paste(photo(200, 300), (220, 0))
    result = render(saved(image, "PNG"))
    webp = opened(result, "800.webp")
    assert webp.mode == "RGBA"
    assert webp.getpixel((50, 150))[3] == 0
    assert webp.getpixel((320, 150))[3] == 255
    assert min(opened(result, "800.jpg").getpixel((50, 150))) > 250


@pytest.mark.parametrize("kind", ["palette", "colour"])
def test_a_colour_declared_transparent_is_transparent(kind: str) -> None:
    flat = np.full((200, 300, 3), (10, 200, 30), np.uint8)
    flat[:, 150:] = (200, 10, 30)
    image = Image.fromarray(flat)
    if kind == "palette":
        image = image.quantize(2)
        data = saved(image, "PNG", transparency=image.getpixel((10, 10)))
    else:
        data = saved(image, "PNG", transparency=(10, 200, 30))
    webp = opened(render(data), "320.webp").convert("RGBA")
    assert webp.getpixel((20, 100))[3] == 0
    assert webp.getpixel((280, 100))[3] == 255


def test_an_opaque_alpha_channel_is_dropped() -> None:
    image = photo()
    image.putalpha(255)
    assert opened(render(saved(image, "PNG")), "800.webp").mode == "RGB"


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_keeps_moving_in_the_two_smaller_sizes(kind: str) -> None:
    result = render(pictures.moving(kind, frames=5, size=(820, 410)))
    assert result.animated
    assert sizes(result) == {"320.webp": (320, 160), "800.webp": (800, 400), "800.jpg": (800, 400)} | PREVIEW
    for name in ("320.webp", "800.webp"):
        image = opened(result, name)
        assert image.n_frames == 5
        for index in range(5):
            image.seek(index)
            assert error(image, photo(820, 410, seed=index % 4)) < 18
    assert error(opened(result, "800.jpg"), photo(820, 410, seed=0)) < 18


@pytest.mark.parametrize("size", [(900, 300), (60, 40), (300, 1000)])
def test_a_preview_shows_the_whole_picture_on_the_grounds_colour(size: tuple[int, int]) -> None:
    preview = opened(render(saved(photo(*size), "PNG", compress_level=1)), "preview.jpg")
    scale = min(1.4, 1104 / min(800, size[0]), 510 / (size[1] * min(1, 800 / size[0])))
    width, height = (round(side * min(1, 800 / size[0]) * scale) for side in size)
    left, top = (1200 - width) // 2, (600 - height) // 2
    assert error(preview.crop((left, top, left + width, top + height)), photo(*size)) < 12
    for corner in ((5, 5), (1195, 5), (5, 590), (1195, 590)):
        assert np.abs(pixels(preview)[corner[1], corner[0]] - PREVIEW_GROUND).max() < 6


@pytest.mark.parametrize(("sent", "shown"), [(0, 100), (10, 100), (20, 50), (40, 50), (120, 120)])
def test_frames_never_follow_faster_than_twenty_a_second(sent: int, shown: int) -> None:
    image = opened(render(pictures.moving("GIF", frames=3, duration=sent)), "320.webp")
    for index in range(3):
        image.seek(index)
        image.load()
        assert image.info["duration"] == shown


def test_a_long_animation_is_thinned_out_and_lasts_as_long() -> None:
    image = opened(render(pictures.moving("GIF", frames=150, size=(90, 60), duration=60)), "320.webp")
    lasts = 0
    for index in range(image.n_frames):
        image.seek(index)
        image.load()
        lasts += image.info["duration"]
    assert image.n_frames == 50
    assert lasts == 150 * 60


def test_an_animation_ends_after_twelve_seconds() -> None:
    assert opened(render(pictures.moving("GIF", frames=20, size=(90, 60), duration=1000)), "320.webp").n_frames == 12


def test_of_an_animated_png_and_of_the_two_pictures_of_a_3d_camera_the_first_is_kept() -> None:
    for kind, bound in (("PNG", 5), ("MPO", 6)):
        result = render(saved(photo(), kind, save_all=True, append_images=[photo(seed=2)]))
        assert not result.animated
        assert error(opened(result, "800.webp"), photo()) < bound


def test_the_placeholder_is_a_tiny_picture_of_the_same_shape() -> None:
    image = Image.open(io.BytesIO(base64.b64decode(render(saved(photo(600, 300), "JPEG")).placeholder)))
    assert (image.format, image.size) == ("WEBP", (16, 8))


def test_the_likeness_survives_another_format_and_size_and_is_empty_for_a_flat_picture() -> None:
    first = render(saved(photo(900, 600), "PNG")).likeness
    second = render(saved(photo(900, 600).resize((500, 333)), "JPEG", quality=60)).likeness
    assert len(first) == 64
    assert distance(bytes.fromhex(first), bytes.fromhex(second)) <= 31
    assert render(saved(Image.new("RGB", (300, 300), "teal"), "PNG")).likeness == ""


def test_rendering_twice_gives_the_same_files() -> None:
    data = pictures.loaded_jpeg(photo())
    assert render(data) == render(data)
