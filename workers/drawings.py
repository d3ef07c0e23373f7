"""The demo's pictures: drawn from `scenes.py` with Pillow, by way of the small part of SVG that the drawings need.

Three times too large and then reduced, which gives smooth edges. No words are ever drawn: without a shaping engine Arabic
would come out in separate letters. Only files of our own are read; this is no renderer for what others send.
"""

import io
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from PIL import ExifTags, Image, ImageDraw

from workers.scenes import SCENES
from workers.shapes import Scene

_ART = Path(__file__).resolve().parent.parent / "static" / "art"

#: Drawn this many times larger, so that edges are smooth after the reduction.
_FINER = 3
#: Straight pieces for one curve, and for one circle.
_PIECES, _CORNERS = 12, 64
#: Numbers that one step of each path command takes.
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}

#: x' = ax + cy + e, y' = bx + dy + f, in the order of SVG's matrix(a b c d e f).
Matrix = tuple[float, float, float, float, float, float]
Line = tuple[list[complex], bool]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


def names() -> list[str]:
    """Every picture that can be drawn."""
    return list(SCENES)


def draw(name: str, *, traces: bool = False) -> bytes:
    """A picture as a file: PNG, or GIF where the scene moves. With `traces` a JPEG that tells a place, a time and a device.

    The same name gives the same bytes with the same Pillow. Raises KeyError for an unknown name.
    """
    scene = SCENES[name]()
    frames = [_frame(scene, body) for body in scene.frames]
    file = io.BytesIO()
    if traces:
        frames[0].save(file, "JPEG", quality=92, exif=_invented_traces())
    elif len(frames) == 1:
        frames[0].save(file, "PNG", compress_level=6)
    else:
        first, *rest = _with_one_palette(frames)
        first.save(file, "GIF", save_all=True, append_images=rest, duration=scene.pause, loop=0)
    return file.getvalue()


def _with_one_palette(frames: list[Image.Image]) -> list[Image.Image]:
    """The same colours in every frame, found in all of them, so that nothing flickers."""
    width, height = frames[0].size
    strip = Image.new("RGB", (width, height * len(frames)))
    for number, frame in enumerate(frames):
        strip.paste(frame, (0, number * height))
    palette = strip.quantize(128, dither=Image.Dither.NONE)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


def _invented_traces() -> Image.Exif:
    """What a phone writes into a photograph, of a phone and a place (in the ocean) that do not exist."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Invented", "Phone 0"
    exif[ExifTags.Base.DateTime] = "2001:01:01 00:00:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (0.0, 0.0, 0.0), 3: "W", 4: (0.0, 0.0, 0.0)})
    return exif


def _frame(scene: Scene, body: str) -> Image.Image:
    scale = _FINER * scene.pixels / max(scene.width, scene.height)
    size = (round(scene.width * scale / _FINER) * _FINER, round(scene.height * scale / _FINER) * _FINER)
    image = Image.new("RGB", size, scene.ground)
    # "RGBA" on an RGB picture: colours with an opacity are mixed in.
    root = ElementTree.fromstring(f"<g>{body}</g>")  # noqa: S314 - written by scenes.py
    _paint(ImageDraw.Draw(image, "RGBA"), root, {}, (scale, 0, 0, scale, 0, 0))
    return image.reduce(_FINER)


def _paint(pen: ImageDraw.ImageDraw, node: ElementTree.Element, above: Mapping[str, str], matrix: Matrix) -> None:
    """Paint an element and what it holds. Looks (fill, stroke, …) pass from the group to its children."""
    look = {**above, **node.attrib}
    matrix = _product(matrix, _transform(node.get("transform", "")))
    look.pop("transform", None)
    tag = node.tag.rpartition("}")[2]
    if tag == "use":
        _paint(pen, _art(node.attrib["href"]), {}, matrix)
    for line, closed in _outlines(tag, node.attrib):
        _ink(pen, [_moved(matrix, point) for point in line], closed, look, math.sqrt(abs(_area(matrix))))
    for child in node:
        _paint(pen, child, look, matrix)


@cache
def _art(name: str) -> ElementTree.Element:
    """A drawing of the site."""
    return ElementTree.parse(_ART / f"{name}.svg").getroot()  # noqa: S314 - a file of our own


def _ink(pen: ImageDraw.ImageDraw, line: list[complex], closed: bool, look: Mapping[str, str], scale: float) -> None:
    fill, stroke = _colour(look, "fill"), _colour(look, "stroke")
    if fill and len(line) > 2:
        pen.polygon([(point.real, point.imag) for point in line], fill=fill)
    if not stroke:
        return
    half = float(look.get("stroke-width", "1")) * scale / 2
    for start, end in zip(line, line[1:] + line[:1] if closed else line[1:], strict=False):
        if start != end:
            side = half * 1j * (end - start) / abs(end - start)
            corners = (start + side, end + side, end - side, start - side)
            pen.polygon([(corner.real, corner.imag) for corner in corners], fill=stroke)
    for point in line:  # round joins and ends
        pen.ellipse((point.real - half, point.imag - half, point.real + half, point.imag + half), fill=stroke)


def _colour(look: Mapping[str, str], part: str) -> str | None:
    """`#rrggbb` (with the opacity behind it), also out of `var(--name,#rrggbb)`; None for no paint."""
    found = re.search(r"#[0-9a-fA-F]{6}", look.get(part, ""))
    if found is None:
        return None
    opacity = look.get("opacity")
    return found[0] + (f"{round(float(opacity) * 255):02x}" if opacity and part == "fill" else "")


def _outlines(tag: str, has: Mapping[str, str]) -> list[Line]:
    if tag == "path":
        return _path(has["d"])
    if tag == "circle":
        return [(_arc(complex(float(has["cx"]), float(has["cy"])), float(has["r"]), 0, 360), True)]
    if tag == "rect":
        x, y, width, height, radius = (float(has.get(name, "0")) for name in ("x", "y", "width", "height", "rx"))
        left, top, right, bottom = x + radius, y + radius, x + width - radius, y + height - radius
        corners = ((right, bottom, 0), (left, bottom, 90), (left, top, 180), (right, top, 270))
        return [([point for h, v, a in corners for point in _arc(complex(h, v), radius, a, a + 90)], True)]
    return []


def _arc(centre: complex, radius: float, start: float, end: float) -> list[complex]:
    """Points of a circle's piece between two angles in degrees."""
    pieces = max(1, round(_CORNERS * (end - start) / 360))
    angles = (math.radians(start + (end - start) * piece / pieces) for piece in range(pieces + 1))
    return [centre + radius * complex(math.cos(angle), math.sin(angle)) for angle in angles]


def _path(data: str) -> list[Line]:
    """The lines of a path's `d`, curves cut into straight pieces."""
    lines: list[Line] = []
    line: list[complex] = []
    handle = 0j  # the last curve's handle, which S and T mirror
    for letter, numbers in _steps(data):
        here = line[-1] if line else 0j
        origin = here if letter.islower() else 0j
        kind = letter.upper()
        if kind == "Z":
            lines.append((line, True))
            line = line[:1]
            continue
        points = _points(kind, numbers, here, origin)
        if kind == "M":
            lines += [(line, False)] if len(line) > 1 else []
            line = points
            continue
        if kind in "ST":
            points.insert(0, 2 * here - handle)
        line += _curve([here, *points])
        handle = points[-2] if kind in "CSQT" else points[-1]
    return lines + ([(line, False)] if len(line) > 1 else [])


def _points(kind: str, numbers: list[float], here: complex, origin: complex) -> list[complex]:
    if kind == "H":
        return [complex(origin.real + numbers[0], here.imag)]
    if kind == "V":
        return [complex(here.real, origin.imag + numbers[0])]
    return [origin + complex(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _steps(data: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with the numbers of one step; a letter may be followed by several steps."""
    for letter, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", data):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        takes = _TAKES[letter.upper()]
        for start in range(0, len(numbers), takes) if takes else (0,):
            # After the first pair of "move to", the rest are lines.
            name = {"M": "L", "m": "l"}.get(letter, letter) if start else letter
            yield name, numbers[start : start + takes]


def _curve(handles: list[complex]) -> list[complex]:
    """A Bézier curve of any degree, without its first point."""
    if len(handles) == 2:
        return handles[1:]
    degree = len(handles) - 1
    return [
        sum(
            (math.comb(degree, n) * (1 - t) ** (degree - n) * t**n * handle for n, handle in enumerate(handles)),
            start=0j,
        )
        for t in (piece / _PIECES for piece in range(1, _PIECES + 1))
    ]


def _transform(text: str) -> Matrix:
    matrix = _SAME
    for name, inside in re.findall(r"(\w+)\(([^)]*)\)", text):
        values = [float(value) for value in re.split(r"[\s,]+", inside.strip())]
        matrix = _product(matrix, _simple(name, values))
    return matrix


def _simple(name: str, values: list[float]) -> Matrix:
    if name == "translate":
        return (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0)
    if name == "scale":
        return (values[0], 0, 0, values[-1], 0, 0)
    if name != "rotate":
        raise ValueError(f"no such transform here: {name}")
    cos, sin = math.cos(math.radians(values[0])), math.sin(math.radians(values[0]))
    x, y = values[1:] if len(values) == 3 else (0.0, 0.0)
    return (cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)


def _product(outer: Matrix, inner: Matrix) -> Matrix:
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f)


def _moved(matrix: Matrix, point: complex) -> complex:
    a, b, c, d, e, f = matrix
    return complex(a * point.real + c * point.imag + e, b * point.real + d * point.imag + f)


def _area(matrix: Matrix) -> float:
    return matrix[0] * matrix[3] - matrix[1] * matrix[2]
