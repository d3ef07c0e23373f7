"""A plot with two logarithmic axes, as SVG that needs nothing else and is read in both themes."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 80, 170, 50, 60
#: Told apart by colour and by stroke, since not everybody sees colours.
STROKES = (("#2f7d6d", ""), ("#b5532a", "8 4"), ("#4a5fb0", "2 4"), ("#8a6d1c", "12 4 2 4"), ("#8e3b78", "5 2"))


def plot(title: str, across: str, up: str, xs: Sequence[float], lines: Mapping[str, Sequence[float]]) -> str:
    """One line for each name; all numbers must be above 0."""
    least, most = log10(min(xs)), log10(max(xs))
    every = [log10(value) for values in lines.values() for value in values]
    low, high = floor(min(every)), max(ceil(max(every)), floor(min(every)) + 1)

    def x(value: float) -> float:
        return round(LEFT + (log10(value) - least) / (most - least) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    parts = [_text(LEFT, 28, title, 'font-size="17" font-weight="bold"'), _text(LEFT, HEIGHT - 14, across),
             _text(LEFT, TOP - 6, up, 'font-size="12"')]  # fmt: skip
    for power in range(low, high + 1):
        parts += [_line((LEFT, y(10**power)), (WIDTH - RIGHT, y(10**power))),
                  _text(LEFT - 8, y(10**power) + 4, _number(10.0**power), 'text-anchor="end"')]  # fmt: skip
    for power in range(ceil(least), floor(most) + 1):
        parts += [_line((x(10**power), TOP), (x(10**power), HEIGHT - BOTTOM)),
                  _text(x(10**power), HEIGHT - BOTTOM + 20, _number(10.0**power), 'text-anchor="middle"')]  # fmt: skip
    last = TOP - 18.0
    for (name, values), (colour, dashes) in sorted(zip(lines.items(), STROKES, strict=False), key=lambda item: -item[0][1][-1]):
        points = " ".join(f"{x(at)},{y(value)}" for at, value in zip(xs, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"/>')
        last = max(y(values[-1]) + 4, last + 18)  # names that would lie on each other move down
        parts.append(_text(WIDTH - RIGHT + 8, last, name, f'fill="{colour}"'))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">'
            f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n')  # fmt: skip


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" stroke="#ccc"/>'


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if value >= 1 else f"{value:.9f}".rstrip("0")
