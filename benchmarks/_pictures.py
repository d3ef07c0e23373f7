"""Pictures as children send them, always the same ones: what is measured by `benchmarks.images`.

No photograph of anybody: scenes with the spectrum of photographs (as much detail at each scale as leaves, clouds and walls
have), hard edges, words and grain. So decoders, scalers and encoders have the work that real pictures give them, which neither
flat colours nor pure noise do. A camera's file carries all the metadata of one (`tests.workers.pictures`).
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tests.workers import pictures as files

FONT = Path(__file__).resolve().parent.parent / "workers" / "posters" / "fonts" / "cairo-latin.ttf"
WORDS = "They laughed in the group. Then two friends stood beside me, and I told my teacher. It stopped. "
GRAIN = 2.5  # of 255, what a phone leaves of its sensor's noise
FALLING = 0.9  # of the strength of one scale is left in the next finer one: near 1, as in photographs (1/f), less what a lens loses

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sent:
    """One file: `kind` for the reader of the report, `pixels` of its canvas, `moves` if it has several frames."""

    path: Path
    kind: str
    pixels: int
    moves: bool = False


def make(folder: Path) -> list[Sent]:
    """Write all files, the small ones first."""
    made: list[Sent] = []

    def keep(name: str, data: bytes, kind: str, size: tuple[int, int], *, moves: bool = False) -> None:
        path = folder / name
        path.write_bytes(data)
        made.append(Sent(path, kind, size[0] * size[1], moves))

    for number, (width, height, kind) in enumerate(_PLAN):
        image = scene(width, height, number)
        name = f"{number:02d}-{kind.replace(' ', '-')}"
        if kind.startswith("phone"):
            keep(f"{name}.jpg", _phones(image, number), kind, image.size)
        elif kind == "messenger":
            data = files.saved(_captioned(image), "JPEG", quality=78)
            keep(f"{name}.jpg", data, kind, image.size)
        elif kind == "screenshot":
            data = files.loaded_png(_screen(image, number), compress_level=2)
            keep(f"{name}.png", data, kind, image.size)
        elif kind == "webp":
            keep(f"{name}.webp", files.saved(_captioned(image), "WEBP", quality=85, method=1), kind, image.size)
        elif kind == "gif":
            keep(f"{name}.gif", files.saved(_captioned(image).quantize(128), "GIF"), kind, image.size)
        else:
            keep(f"{name}.gif", _moving(image), kind, (width, height), moves=True)
    return sorted(made, key=lambda sent: (sent.pixels, sent.path.name))


_PLAN = [
    *((4032, 3024, "phone 12 MP"),) * 20, *((8064, 6048, "phone 48 MP"),) * 4,
    *((1600, 1200, "messenger"), (960, 1280, "messenger"), (1080, 1350, "messenger"), (1080, 1080, "messenger")) * 2,
    *((1080, 2340, "screenshot"), (1170, 2532, "screenshot"), (1080, 1350, "screenshot"), (1920, 1080, "screenshot")) * 3,
    (1080, 1920, "screenshot"), (1440, 900, "screenshot"),
    *((1080, 1080, "webp"), (1920, 1080, "webp")) * 4,
    *((640, 480, "gif"), (800, 600, "gif")) * 2,
    *((480, 360, "moving gif"), (600, 600, "moving gif")) * 3,
]  # fmt: skip


def scene(width: int, height: int, seed: int) -> Image.Image:
    """A landscape of nobody: a sky and a ground of many scales, some things with edges before them, grain over all."""
    chance = np.random.RandomState(seed)  # its numbers are frozen for good
    # Past 12 megapixels a phone's lens has no more to tell: the pixels are finer, the picture is not.
    scale = max(1.0, (width * height / 12_500_000) ** 0.5)
    across, down = round(width / scale), round(height / scale)
    light = _field(across, down, chance)
    slope = np.linspace(-1, 1, down, dtype=np.float32)[:, None]
    horizon = (slope > 0.2 * _field(across, down, chance, finest=across // 8) - chance.uniform(-0.3, 0.3)).astype(np.float32)
    ground, sky = chance.uniform(40, 140, 3), chance.uniform(120, 220, 3)
    pixels = np.empty((down, across, 3), np.float32)
    for band in range(3):
        pixels[..., band] = horizon * (ground[band] + 60 * light) + (1 - horizon) * (sky[band] + 30 * slope + 12 * light)
    for _ in range(12):
        _thing(pixels, light, chance)
    if scale > 1:
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC)
    tile = chance.normal(0, GRAIN, (512, 512, 1)).astype(np.float32)
    pixels += np.tile(tile, (height // 512 + 1, width // 512 + 1, 1))[:height, :width]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _field(width: int, height: int, chance: np.random.RandomState, finest: int = 0) -> NDArray[np.float32]:
    """Noise of every scale from a third of the picture down to `finest` cells across; its usual deviation from 0 is a third."""
    total, strength, cells = np.zeros((height, width), np.float32), 1.0, 3
    while cells < (finest or width):
        grid = chance.uniform(-1, 1, (max(2, cells * height // width), cells)).astype(np.float32)
        total += strength * cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR)
        strength, cells = strength * FALLING, cells * 2
    return total / (3 * total.std())


def _thing(pixels: NDArray[np.float32], light: NDArray[np.float32], chance: np.random.RandomState) -> None:
    """Something with an edge, a colour of its own and a little of the texture turned round."""
    height, width = light.shape
    mask = np.zeros((height, width), np.uint8)
    middle = (int(chance.randint(width)), int(chance.randint(height)))
    radii = (int(chance.randint(width // 60, width // 7)), int(chance.randint(height // 60, height // 7)))
    if chance.randint(2):
        cv2.ellipse(mask, middle, radii, float(chance.randint(180)), 0, 360, 1, -1, cv2.LINE_AA)
    else:
        cv2.rectangle(mask, middle, (middle[0] + radii[0], middle[1] + radii[1]), 1, -1)
    inside = mask.astype(bool)
    pixels[inside] = chance.uniform(20, 235, 3) + 25 * light[::-1, ::-1][inside][:, None]


def _phones(image: Image.Image, number: int) -> bytes:
    """As a phone writes it: lying, standing and upside down, every second one in the colours of its screen."""
    wide = {"icc_profile": files.wide_profile()} if number % 2 else {}
    return files.loaded_jpeg(image, (6, 1, 1, 8, 3)[number % 5], quality=92, **wide)


def _captioned(image: Image.Image) -> Image.Image:
    """A meme: white letters with a black edge."""
    size = image.width // 12
    font = ImageFont.truetype(str(FONT), size)
    pen = ImageDraw.Draw(image)
    for at in (size // 2, image.height - 2 * size):
        pen.text((image.width // 2, at), WORDS[:22], "white", font, anchor="ma", stroke_width=size // 12, stroke_fill="black")
    return image


def _screen(image: Image.Image, number: int) -> Image.Image:
    """A conversation: flat bubbles with words, one of them a picture; every fourth with a corner one can see through."""
    width, height = image.size
    made = Image.new("RGB", image.size, (236, 229, 221))
    pen, size = ImageDraw.Draw(made), width // 28
    font = ImageFont.truetype(str(FONT), size)
    shown = image.resize((width * 2 // 3, height // 4))
    top, turn = size, 0
    while top < height - size:
        left, tall = (size, width // 4)[turn % 2], shown.height if turn % 4 == 2 else size * 5
        pen.rounded_rectangle((left, top, left + shown.width, top + tall), size, ("white", (220, 248, 198))[turn % 2])
        if turn % 4 == 2:
            made.paste(shown, (left, top))
        else:
            for line in range(3):
                pen.text((left + size, top + size * (1 + 1.3 * line) - size // 2), WORDS[line * 30 : line * 30 + 28], "black", font)
        top, turn = top + tall + size, turn + 1
    if number % 4 == 0:
        alpha = Image.new("L", image.size, 255)
        ImageDraw.Draw(alpha).polygon([(0, 0), (width // 5, 0), (0, width // 5)], 0)
        made.putalpha(alpha)
    return made


def _moving(image: Image.Image) -> bytes:
    """Twenty-four steps of a camera over the picture."""
    width, height = image.size
    large = image.resize((width * 5 // 4, height * 5 // 4))
    steps = [large.crop((step * width // 96, step * height // 96, step * width // 96 + width, step * height // 96 + height))
             for step in range(24)]  # fmt: skip
    palette = steps[0].quantize(128)
    frames = [step.quantize(palette=palette, dither=Image.Dither.NONE) for step in steps]
    return files.saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
