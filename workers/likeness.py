"""PDQ, Meta's published perceptual hash, so that a moderator is told when nearly the same picture came before.

Written from the published description ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm",
facebook/ThreatExchange, `hashing/hashing.pdf`), because the reference binding has to be compiled on the spot. The
sums run in 32-bit floats and in the order the description gives: the bits then equal those of the reference
implementation and do not merely resemble them. No BLAS is called.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MIN_SIDE = 5  # below this the published algorithm gives no hash
BLOCKS = 64  # the picture is brought down to 64 x 64 samples
WAVES = 16  # and described by the 16 x 16 slowest waves after the constant one
QUALITY_DIVISOR = 90  # published heuristic that maps the sum of gradients to 0-100
MIN_QUALITY = 50  # the publishers advise to throw away hashes of quality 49 and less (flat pictures collide)


def pdq(luma: Floats) -> tuple[bytes, int]:
    """Return the 256-bit hash (32 bytes, most significant bit first) and its quality (0-100).

    `luma` is (rows, columns) of brightness 0-255 (0.299 R + 0.587 G + 0.114 B); about 512 pixels a side is enough,
    more costs time and adds nothing. A picture with a side under 5 pixels gives 32 zero bytes of quality 0.
    """
    hashes, quality = dihedral(luma)
    return hashes[0], quality


def dihedral(luma: Floats) -> tuple[tuple[bytes, ...], int]:
    """Return the hashes of the picture and of its seven flips and turns, the upright one first, and the quality.

    One transform serves all: a flip changes the sign of every other wave, a turn swaps rows and columns besides.
    """
    rows, columns = luma.shape
    if min(rows, columns) < MIN_SIDE:
        return (bytes(32),) * 8, 0
    small = _samples(luma.astype(np.float32))
    waves = _cosines(small)
    sign = np.where(np.arange(1, WAVES + 1) % 2, np.float32(-1), np.float32(1))
    across, down = sign[None, :], sign[:, None]
    flips = (waves, waves * across, waves * down, waves * across * down)
    return tuple(_bits(seen) for flip in flips for seen in (flip, flip.T)), _quality(small)


def distance(a: bytes, b: bytes) -> int:
    """Return how many bits differ between two hashes of equal length (0-256 for PDQ); ValueError if lengths differ.

    The publishers count up to 31 as the same picture; pictures that have nothing in common differ in about 128.
    """
    if len(a) != len(b):
        raise ValueError("hashes of different lengths cannot be compared")
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()


def _bits(waves: Floats) -> bytes:
    flat = waves.ravel()
    median = np.partition(flat, flat.size // 2 - 1)[flat.size // 2 - 1]  # the lower of the two middle values
    return np.packbits((flat > median)[::-1]).tobytes()


def _samples(luma: Floats) -> Floats:
    """Blur with a tent as wide as a block, then take the middle of each of the 64 x 64 blocks."""
    rows, columns = luma.shape
    if (rows, columns) == (BLOCKS, BLOCKS):
        return luma
    across, down = _window(columns), _window(rows)
    # Two box filters make a tent filter; of what the second would give only the samples are worked out.
    luma = _box(_box(luma.T, across).T, down)
    lines = _box(luma.T, across)[_middles(columns)].T
    return _box(lines, down)[_middles(rows)]


def _window(length: int) -> int:
    """Half a block, rounded up: two passes then see one whole block."""
    return -(-length // (2 * BLOCKS))


def _middles(length: int) -> NDArray[np.intp]:
    return ((np.arange(BLOCKS) + 0.5) * length / BLOCKS).astype(np.intp)


def _box(lines: Floats, window: int) -> Floats:
    """Mean of `window` neighbours along the first axis, of fewer at the ends, kept as a running sum."""
    length = lines.shape[0]
    lines = np.ascontiguousarray(lines)
    lead = (window + 2) // 2 - 1
    means = np.empty_like(lines)
    total = np.zeros(lines.shape[1], np.float32)
    for right in range(length + lead):
        if right < length:
            total += lines[right]
        if right >= window:
            total -= lines[right - window]
        if right >= lead:
            means[right - lead] = total
    last = np.arange(lead, length + lead)
    counts = np.minimum(last + 1, length) - np.maximum(0, last - window + 1)
    means /= counts[:, None].astype(np.float32)
    return means


def _cosines(small: Floats) -> Floats:
    """The 16 x 16 coefficients of the two-dimensional cosine transform, the constant term left out."""
    wave, place = np.arange(1, WAVES + 1)[:, None], np.arange(BLOCKS)[None, :]
    scale = float(np.float32(np.sqrt(2 / BLOCKS)))
    matrix = (scale * np.cos(np.pi / 2 / BLOCKS * wave * (2 * place + 1))).astype(np.float32)
    across = np.zeros((WAVES, BLOCKS), np.float32)
    for k in range(BLOCKS):
        across += matrix[:, k, None] * small[k]
    both = np.zeros((WAVES, WAVES), np.float32)
    for k in range(BLOCKS):
        both += across[:, k, None] * matrix[:, k]
    return both


def _quality(small: Floats) -> int:
    """Count steps of at least one percent between neighbours, as published; flat pictures score low."""
    steps = 0
    for axis in (0, 1):
        change = -np.diff(small, axis=axis) * np.float32(100) / np.float32(255)
        steps += int(np.abs(np.trunc(change)).sum(dtype=np.int64))
    return min(100, steps // QUALITY_DIVISOR)
