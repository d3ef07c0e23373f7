"""From the bytes a child sent to clean renditions: the only module, with `pixels`, that imports Pillow.

Nothing of the sent file survives but its pixels, scaled and encoded anew: each picture is built by `Image.frombytes`, in
`pixels`, so no comment, profile or note can ride along. Run it through `workers.render`: that cages it in a process of its own.
"""

import base64
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PIL import (
    Image,
    ImageFile,
    WebPImagePlugin,  # noqa: F401  # registers WebP; else the first `save` loads Pillow's forty other formats
)

from workers import containers, faces, likeness, pixels, traces
from workers.containers import Container, UnreadableImage

__all__ = ["Rendered", "Rendition", "UnreadableImage", "cover", "load_decoder", "prepare", "render"]

MAX_BYTES = 15_000_000  # what the form accepts; a 48-megapixel phone writes 8 to 14 MB
# Phones said to have 48 or 50 megapixels write up to 8192 x 6144 = 50.3 million; a square of 8000 has 64 million.
MAX_PIXELS = 52_000_000
# No camera writes the other formats that large, and their decoders hold two or three whole canvases, 4 bytes a pixel.
MAX_PIXELS_DRAWN = 20_000_000
MAX_SIDE = 12_000  # a screenshot of a long conversation reaches about 10 000
NOMINAL_WIDTHS = (320, 800, 1600)
TALLEST = 4  # no rendition is higher than four times its nominal width
MOVING_WIDTHS = (320, 800)
MAX_FRAMES = 600  # read of an animation; beyond, only the first frame is shown
KEPT_FRAMES = 60  # written; longer animations are thinned out evenly
KEPT_MS = 12_000
WALK_PIXELS = 80_000_000  # frames x area; decoding costs 13 ms a megapixel, so about 1 s
HELD_PIXELS = 20_000_000  # frames x area at 800 px: 80 MB in memory, 2 s to encode, and phones pay for each byte
# Flashing can set off epileptic fits. Twenty pictures a second is the fastest that is passed on; this tames the worst,
# it does not prove an animation harmless (WCAG 2.3.1 allows three flashes a second): the moderator still looks.
FASTEST_MS = 50
# Of WebP, by nominal width: 6 takes twice the time of 4 for 4 % fewer bytes, 2 two fifths for 5 % more. Many small ones stand on
# one page, and the large one is most of all bytes; so it is in the middle that time is saved.
METHODS = {320: 4, 800: 2, 1600: 4}
HASHED_SIDE = 512  # what the publishers of PDQ scale to
PLACEHOLDER_SIDE = 16
# What other sites show of a page that somebody shares there: 1200 x 630 is what they ask for.
PREVIEW, PREVIEW_ROOM, PREVIEW_GROWS = (1200, 630), (1104, 510), 1.4
PREVIEW_GROUND, PREVIEW_STRIPE = (0xFB, 0xF5, 0xE9), (0xF4, 0xB2, 0x33)  # the site's paper and saffron
COVER = (0x1B, 0x21, 0x40, 0xFF)  # the ink of the site, flat: what is blurred or in large squares can be guessed
# WebP keeps colours in squares of 16 pixels and smooths their borders, up to 8 pixels deep: what stands in a square
# tells a little of all that was in it.
SQUARE, NEAR = 16, 8

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class Rendition:
    """One clean file. `name` is "320.webp", "800.webp", "1600.webp", "800.jpg" or "preview.jpg", `format` "webp" or "jpeg"."""

    name: str
    width: int
    height: int
    format: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """What `render` makes. `width` and `height` are those of the sent picture, upright, in pixels.

    `likeness` is PDQ in 64 hex digits, or "" where its quality is under 50 of 100: such hashes match too much;
    `turned` are those of its seven flips and turns, or none.
    `placeholder` is base64 of a WebP of 16 pixels, under 400 characters. `removed` names in sorted words what the
    metadata told and is now destroyed (see `traces`). `faces` are places (x, y, width, height as fractions of the
    picture) where `faces.find` thinks it sees one.
    """

    renditions: tuple[Rendition, ...]
    width: int
    height: int
    animated: bool
    likeness: str
    placeholder: str
    removed: tuple[str, ...]
    turned: tuple[str, ...] = ()
    faces: tuple[tuple[float, ...], ...] = ()


def render(data: bytes) -> Rendered:
    """Make clean renditions, never larger than the source. UnreadableImage if the bytes are no picture we take.

    Trusts nothing but does not cage itself: time and memory are bounded by the caller (`workers.render`).
    """
    if len(data) > MAX_BYTES:
        raise UnreadableImage("too_large")
    box = containers.unpack(data, MAX_FRAMES)
    with _decoding():
        _check_size(box, (box.width, box.height))
        source = _opened(box)
        _check_size(box, source.size)
        parts = box.parts + _decoder_parts(source)
        turn = next((traces.orientation(block) for kind, block in parts if kind.lower().endswith("exif")), 1)
        removed = tuple(sorted(traces.found(parts)))
        frames = _moving(box, source, turn) if _may_move(box) else []
    if len(frames) > 1:
        size = pixels.upright(source.size, turn)
        wanted = _sizes(size, MOVING_WIDTHS)
        return _rendered_moving(source, size, [(_cascade(picture, wanted), lasts) for picture, lasts in frames], removed)
    with _decoding():
        size = pixels.upright(source.size, turn)
        wanted = _sizes(size, NOMINAL_WIDTHS)
        # What has been walked is opened anew; anything else not, because some decoders take up two canvases when they open.
        base = pixels.still(_opened(box) if frames else source, max(wanted.values()), turn)
    pictures = _cascade(base, wanted)
    renditions = [_webp(nominal, picture) for nominal, picture in pictures.items()]
    return _summary(size, [pictures], renditions, removed, animated=False)


def cover(data: bytes, boxes: list[list[float]], sizes: dict[int, tuple[int, int]]) -> Rendered:
    """Make every size anew from a clean one (`data`), each box (x, y, width, height, as fractions) flat on every frame.

    `sizes` maps each nominal width to its size in pixels, as they were: covering twice does not make a picture smaller.
    """
    box = containers.unpack(data, MAX_FRAMES)
    with _decoding():
        source = _opened(box)
        _check_size(box, source.size)
        frames = []
        for index in range(box.frames):
            source.seek(index)
            source.load()
            picture = _covered(pixels.less_alpha(source.convert("RGBA")), boxes)
            frames.append((_cascade(picture, sizes), _lasting(source.info.get("duration", 0))))
    if len(frames) > 1:
        return _rendered_moving(source, source.size, frames, ())
    pictures = frames[0][0]
    renditions = [_webp(nominal, picture) for nominal, picture in pictures.items()]
    return _summary(source.size, [pictures], renditions, (), animated=False)


def _covered(image: Image.Image, boxes: list[list[float]]) -> Image.Image:
    """Paint each box flat, a little larger than it was drawn: out to the end of the squares that can have taken on some of it."""
    width, height = image.size
    for x, y, across, down in boxes:
        left, top = (int(max(0, edge - NEAR) // SQUARE * SQUARE) for edge in (x * width, y * height))
        right, bottom = (-int(-(edge + NEAR) // SQUARE) * SQUARE for edge in ((x + across) * width, (y + down) * height))
        image.paste(COVER[: len(image.getbands())], (left, top, min(right, width), min(bottom, height)))
    return image


@contextmanager
def _decoding() -> Iterator[None]:
    """Decoders raise anything on hostile bytes, and warn where silence would do; both end here, in our own words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except UnreadableImage:
            raise
        except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise UnreadableImage("too_large") from error
        except Exception as error:
            raise UnreadableImage("damaged") from error


def prepare() -> None:
    """Load what every picture needs: in the cage no file can be opened once a picture is at hand."""
    Image.preinit()
    faces.prepare()


def load_decoder(kind: str | None) -> None:
    """Load what a format needs besides. These two cost time and memory that no other does; one thread is all they get."""
    if kind == "AVIF":
        from PIL import (
            AvifImagePlugin,
            TiffImagePlugin,  # noqa: F401  # reads EXIF, which this decoder does when it opens a file
        )

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    elif kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener(decode_threads=1, depth_images=False, aux_images=False)


def _check_size(box: Container, size: tuple[int, int]) -> None:
    most = MAX_PIXELS if box.format in ("JPEG", "HEIF") else MAX_PIXELS_DRAWN
    if max(size) > MAX_SIDE or size[0] * size[1] > most:
        raise UnreadableImage("too_large")


def _opened(box: Container) -> ImageFile.ImageFile:
    """Let the one right decoder read the header; nothing is decoded yet."""
    load_decoder(box.format)
    source = Image.open(io.BytesIO(box.data), formats=[box.format])
    if source.format != box.format:  # asked for JPEG, Pillow may still answer with the several pictures of an MPO
        raise UnreadableImage("type")
    return source


def _decoder_parts(source: ImageFile.ImageFile) -> list[tuple[str, bytes]]:
    """Collect the metadata of HEIF and AVIF; from the other formats `unpack` has taken it away before."""
    parts = [(kind, source.info[kind]) for kind in ("exif", "xmp") if isinstance(source.info.get(kind), bytes)]
    return parts + ([("thumbnail", b"")] if source.info.get("thumbnails") else [])


def _sizes(size: tuple[int, int], nominals: tuple[int, ...]) -> dict[int, tuple[int, int]]:
    """Map each nominal width that is worth making to (width, height), computed from the full size, never enlarged."""
    width, height = size
    sizes, previous = {}, 0
    for nominal in nominals:
        if previous < width:
            scale = min(1.0, nominal / width, TALLEST * nominal / height)
            sizes[nominal] = (max(1, round(width * scale)), max(1, round(height * scale)))
        previous = nominal
    return sizes


def _cascade(base: Image.Image, sizes: dict[int, tuple[int, int]]) -> dict[int, Image.Image]:
    """Make each size from the next larger one: as sharp as from the source (measured) and a third of the work."""
    pictures = {}
    for nominal in sorted(sizes, reverse=True):
        if base.size != sizes[nominal]:
            base = pixels.scaled(base, sizes[nominal])
        pictures[nominal] = base
    return dict(sorted(pictures.items()))


def _may_move(box: Container) -> bool:
    """Decide from the header alone whether the frames are few and small enough to be walked."""
    return 1 < box.frames <= MAX_FRAMES and box.frames * box.width * box.height <= WALK_PIXELS


def _moving(box: Container, source: ImageFile.ImageFile, turn: int) -> list[tuple[Image.Image, int]]:
    """Return up to 60 clean frames of the larger moving size with their milliseconds, 12 s at most."""
    target = max(_sizes(pixels.upright(source.size, turn), MOVING_WIDTHS).values())
    most = max(1, min(KEPT_FRAMES, HELD_PIXELS // (target[0] * target[1])))
    step = -(-box.frames // most)
    frames: list[tuple[Image.Image, int]] = []
    size, total = source.size, 0
    for index in range(box.frames):
        source.seek(index)
        source.load()
        lasts = _lasting(source.info.get("duration", 0))
        if index % step == 0:
            whole = source.convert("RGBA").crop((0, 0, *size))  # a later frame may have widened the canvas
            frames.append((pixels.clean(whole, target, turn, source.info.get("icc_profile")), 0))
        frames[-1] = (frames[-1][0], frames[-1][1] + lasts)
        total += lasts
        if total >= KEPT_MS:
            break
    return frames


def _lasting(duration: float) -> int:
    """Milliseconds a frame is shown: browsers take 10 ms and less for 100, and faster than 50 is unkind to eyes."""
    return 100 if duration <= 10 else max(FASTEST_MS, round(min(duration, KEPT_MS)))


def _rendered_moving(
    source: ImageFile.ImageFile,
    size: tuple[int, int],
    frames: list[tuple[dict[int, Image.Image], int]],
    removed: tuple[str, ...],
) -> Rendered:
    """Encode frames, each in all sizes and with its milliseconds; `size` is that of the sent picture, upright."""
    strips, times = [strip for strip, _ in frames], [lasts for _, lasts in frames]
    renditions = []
    for nominal in strips[0]:
        first, *others = (strip[nominal] for strip in strips)
        file = io.BytesIO()
        loop = max(0, min(source.info.get("loop", 1), 100))
        first.save(file, "WEBP", save_all=True, append_images=others, duration=times, loop=loop, quality=70, method=2)
        renditions.append(Rendition(f"{nominal}.webp", *first.size, "webp", file.getvalue()))
    return _summary(size, strips, renditions, removed, animated=True)


def _summary(
    size: tuple[int, int],
    strips: list[dict[int, Image.Image]],
    renditions: list[Rendition],
    removed: tuple[str, ...],
    *,
    animated: bool,
) -> Rendered:
    """Add what needs one still, opaque picture: JPEGs for old screens and for previews, likeness, placeholder, and faces."""
    opaque = _on_white(strips[0].get(800) or strips[0][320])
    stills = (_jpeg("800.jpg", opaque), _jpeg("preview.jpg", _preview(opaque)))
    alike, *turned = _likeness(opaque)
    return Rendered(
        (*renditions, *stills), *size, animated, alike, _placeholder(opaque), removed, tuple(turned), _faces(strips)
    )


def _preview(opaque: Image.Image) -> Image.Image:
    """The whole picture, framed, on the campaign's ground, with a stripe of its colour below."""
    scale = min(PREVIEW_GROWS, *(room / side for room, side in zip(PREVIEW_ROOM, opaque.size, strict=True)))
    width, height = (max(1, round(side * scale)) for side in opaque.size)
    card = Image.new("RGB", PREVIEW, PREVIEW_GROUND)
    card.paste(PREVIEW_STRIPE, (0, 604, *PREVIEW))
    card.paste(COVER[:3], (0, 600, PREVIEW[0], 604))
    left, top = (PREVIEW[0] - width) // 2, (600 - height) // 2
    card.paste(COVER[:3], (left - 5, top - 5, left + width + 5, top + height + 5))
    card.paste(pixels.scaled(opaque, (width, height)), (left, top))
    return card


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _webp(nominal: int, image: Image.Image) -> Rendition:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80, method=METHODS[nominal])
    return Rendition(f"{nominal}.webp", *image.size, "webp", file.getvalue())


def _jpeg(name: str, image: Image.Image) -> Rendition:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=82, optimize=True)
    return Rendition(name, *image.size, "jpeg", file.getvalue())


def _likeness(opaque: Image.Image) -> list[str]:
    small = opaque.copy()
    small.thumbnail((HASHED_SIDE, HASHED_SIDE), Image.Resampling.BOX)
    luma = np.asarray(small, dtype=np.float64) @ np.array([0.299, 0.587, 0.114])
    hashes, quality = likeness.dihedral(luma.astype(np.float32))
    return [digest.hex() for digest in hashes] if quality >= likeness.MIN_QUALITY else [""]


def _faces(strips: list[dict[int, Image.Image]]) -> tuple[tuple[float, ...], ...]:
    """Look at the largest size; of what moves at the first, the middle and the last frame."""
    chosen = [strips[index] for index in sorted({0, len(strips) // 2, len(strips) - 1})]
    return faces.find([np.asarray(_on_white(strip[max(strip)])) for strip in chosen])


def _placeholder(opaque: Image.Image) -> str:
    small = opaque.copy()
    small.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=40, method=4)
    return base64.b64encode(file.getvalue()).decode()
