"""What `scenes.py` is drawn with: text in the small part of SVG that `drawings.py` paints.

Units are those of the scene's own `width` and `height`; `pixels` is the longer side of the picture. Animals and things
come from `static/art`, on their grid of 120. Colours are the light ones of the site.
"""

import math
from dataclasses import dataclass

INK, DEEP, LIGHT, PAPER, SAND = "#1b2140", "#2f3d66", "#fffdf8", "#fbf5e9", "#f2e8d5"
SAFFRON, SUN, MINT, MIST, LEAF, CLAY, BLUSH = "#f4b233", "#fde9bd", "#9fdfcd", "#d8f2e9", "#0e6f66", "#e0764d", "#fadccd"
COLOURS = (SAFFRON, MINT, CLAY, LIGHT)


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture, or several frames that follow each other every `pause` milliseconds."""

    width: float
    height: float
    ground: str
    frames: tuple[str, ...]
    pixels: int = 1200
    pause: int = 400


def put(x: float, y: float, scale: float, body: str, *, turn: float = 0, flip: bool = False) -> str:
    """`body`, drawn around its own 0,0, at a place."""
    across = -scale if flip else scale
    return f'<g transform="translate({x} {y}) rotate({turn}) scale({across} {scale})">{body}</g>'


def art(name: str, x: float, y: float, scale: float = 1, *, turn: float = 0, flip: bool = False) -> str:
    """A drawing of the site with its middle at a place."""
    return put(x, y, scale, f'<g transform="translate(-60 -60)"><use href="{name}"/></g>', turn=turn, flip=flip)


def shape(data: str, fill: str = "none", *, stroke: str = INK, width: float = 4) -> str:
    """A path."""
    return f'<path d="{data}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"/>'


def box(x: float, y: float, width: float, height: float, fill: str, *, round: float = 0, line: float = 4) -> str:
    """A rectangle; `line` 0 for none."""
    edge = f'stroke="{INK}" stroke-width="{line}"' if line else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}" fill="{fill}" {edge}/>'


def dot(x: float, y: float, radius: float, fill: str, line: float = 0) -> str:
    """A circle."""
    edge = f'stroke="{INK}" stroke-width="{line}"' if line else ""
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" {edge}/>'


def khatam(radius: float) -> str:
    """The path of an eight-point star around 0,0."""
    points = []
    for corner in range(16):
        reach = radius if corner % 2 == 0 else radius * 0.7654
        angle = math.pi * corner / 8
        points.append(f"{reach * math.cos(angle):.2f} {reach * math.sin(angle):.2f}")
    return f"M{'L'.join(points)}Z"


_EYES = dot(-13, -4, 4.2, INK) + dot(13, -4, 4.2, INK)
_CHEEKS = "".join(f'<circle cx="{x}" cy="6" r="5" fill="{CLAY}" opacity=".6"/>' for x in (-22, 22))
_CLOSED = shape("M-19-4q6 6 12 0M7-4q6 6 12 0")
FACES = {
    "glad": _EYES + _CHEEKS + shape("M-12 10q12 11 24 0"),
    "laugh": _EYES + _CHEEKS + shape("M-14 7h28q-2 14-14 14t-14-14z", LIGHT),
    "calm": _CLOSED + _CHEEKS + shape("M-8 11q8 6 16 0"),
    "wink": dot(-13, -4, 4.2, INK) + shape("M7-4q6-5 12 0") + _CHEEKS + shape("M-12 10q12 11 24 0"),
    "sad": _EYES + shape("M-10 16q10-9 20 0"),
    "worry": dot(-14, -6, 5, INK) + dot(14, -6, 5, INK) + shape("M-14 14l5-4 6 4 6-4 6 4 5-4"),
    "doubt": _EYES + shape("M-19-14l11 3M8-17l12-3M-8 13q8-5 17 1"),
    "oh": dot(-13, -5, 5, INK) + dot(13, -5, 5, INK) + _CHEEKS + dot(0, 13, 5, INK),
    "sleep": _CLOSED + shape("M-4 12h8"),
    "none": "",
}


def star(x: float, y: float, radius: float, fill: str = SAFFRON, face: str = "none", *, turn: float = 0) -> str:
    """A tile, with a mood if it has a face."""
    return put(x, y, radius / 46, shape(khatam(46), fill) + put(0, 0, 1, FACES[face], turn=-turn), turn=turn)


def heart(x: float, y: float, scale: float = 1, fill: str = CLAY, line: float = 3) -> str:
    """A heart about 24 wide at scale 1."""
    return put(x, y, scale, shape("M0 11C-15 0-13-10-6-10Q-1-10 0-5Q1-10 6-10C13-10 15 0 0 11z", fill, width=line))


def bolt(x: float, y: float, scale: float = 1, fill: str = SAFFRON) -> str:
    """A lightning, about 24 high: words that hurt."""
    return put(x, y, scale, shape("M3-13L-9 3H-1L-4 13L9-4H1z", fill, width=3))


def dots(x: float, y: float, scale: float = 1, fill: str = INK) -> str:
    """Somebody is writing."""
    return put(x, y, scale, dot(-11, 0, 3.6, fill) + dot(0, 0, 3.6, fill) + dot(11, 0, 3.6, fill))


def bubble(x: float, y: float, width: float, height: float, fill: str, inside: str = "", *, tail: int = -1) -> str:
    """A speech bubble around x,y. `tail` -1 for the left, 1 for the right; `inside` is drawn around 0,0."""
    w, h, r = width / 2, height / 2, min(width, height) * 0.32
    data = (
        f"M{-w + r} {-h}H{w - r}Q{w} {-h} {w} {-h + r}V{h - r}Q{w} {h} {w - r} {h}"
        f"H{-w + r + 16}L{-w + r * 0.6} {h + 14}V{h}Q{-w} {h} {-w} {h - r}V{-h + r}Q{-w} {-h} {-w + r} {-h}Z"
    )
    return put(x, y, 1, put(0, 0, 1, shape(data, fill), flip=tail > 0) + inside)


def phone(x: float, y: float, scale: float, inside: str, *, screen: str = LIGHT, turn: float = 0) -> str:
    """A phone 60 x 112 around x,y; `inside` is drawn around the middle of its screen."""
    body = box(-30, -56, 60, 112, INK, round=11) + box(-24, -46, 48, 84, screen, round=5, line=0)
    return put(x, y, scale, body + put(0, -4, 1, inside) + shape("M-5 47h10", stroke=LIGHT, width=3), turn=turn)


def cloud(x: float, y: float, scale: float, fill: str = LIGHT) -> str:
    """A cloud about 70 wide."""
    return put(x, y, scale, shape("M-30 12q-10-1-8-11q2-8 11-7q2-14 16-14q11 0 15 9q14-4 18 7q13 1 11 11q-1 5-8 5z", fill))


def glass(x: float, y: float, scale: float) -> str:
    """A magnifying glass, its lens around x,y."""
    ring = dot(0, 0, 34, MIST, 7) + shape("M-18-12q6-10 16-11", stroke=LIGHT, width=6)
    return put(x, y, scale, shape("M26 26L56 56", width=17) + shape("M30 30L56 56", stroke=CLAY, width=8) + ring)


def ground(width: float, y: float, height: float, fill: str) -> str:
    """The floor of a scene."""
    return box(-4, y, width + 8, height + 8, fill, line=4)


def rays(x: float, y: float, fill: str, count: int = 12) -> str:
    """A burst of light behind something."""
    parts = []
    for number in range(count):
        angles = [2 * math.pi * (number + side) / count for side in (0, 0.5)]
        corners = [f"{x + 400 * math.cos(angle):.1f} {y + 400 * math.sin(angle):.1f}" for angle in angles]
        parts.append(f'<path fill="{fill}" d="M{x} {y}L{"L".join(corners)}Z"/>')
    return "".join(parts)


def tiles(width: float, height: float, fill: str, step: float = 40) -> str:
    """A quiet wall of stars."""
    quiet = f'<path fill="{fill}" d="{khatam(step * 0.42)}"/>'
    places = [(column, row) for row in range(int(height / step) + 2) for column in range(int(width / step) + 2)]
    return "".join(put(column * step, row * step, 1, quiet) for column, row in places)


def sky(*places: tuple[float, float, float]) -> str:
    """Small stars in the night: x, y, radius."""
    return "".join(put(x, y, 1, f'<path fill="{SAFFRON}" d="{khatam(radius)}"/>') for x, y, radius in places)
