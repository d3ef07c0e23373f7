"""Files cut off, with bits turned, with lengths that lie; the smallest, the longest and the widest."""

import random
from collections.abc import Iterator

from PIL import Image

from tests.hostile.file import File, Outcome, given
from tests.hostile.strangers import KINDS, SIZE, whole
from tests.workers.pictures import (
    loaded_jpeg,
    moving,
    photo,
    saved,
)

REJECT, EITHER = Outcome.REJECT, Outcome.EITHER


def _samples() -> dict[str, bytes]:
    plain = {kind.lower(): whole(kind) for kind in KINDS}
    return plain | {
        "jpeg-progressive": saved(photo(*SIZE), "JPEG", progressive=True), "jpeg-loaded": loaded_jpeg(photo(*SIZE)),
        "png-palette": saved(photo(*SIZE).quantize(16), "PNG", transparency=3), "gif-moving": moving("GIF", 3, (40, 30)),
        "webp-lossless": saved(photo(*SIZE), "WEBP", lossless=True), "webp-moving": moving("WEBP", 3, (40, 30)),
        "webp-alpha": saved(photo(*SIZE).convert("RGBA").rotate(20), "WEBP"),
        "apng": saved(photo(*SIZE), "PNG", save_all=True, append_images=[photo(*SIZE, seed=2)]),
        "heif-alpha": saved(photo(*SIZE).convert("RGBA").rotate(20), "HEIF"),
        "avif-alpha": saved(photo(*SIZE).convert("RGBA").rotate(20), "AVIF"),
    }  # fmt: skip


def _broken() -> Iterator[File]:
    chance = random.Random(2026)  # noqa: S311 - always the same
    for name, data in _samples().items():
        for tenth in range(1, 10):
            yield given(f"cut/{name}-{tenth}0-percent", data[: len(data) * tenth // 10], REJECT)
        yield given(f"cut/{name}-last-byte", data[:-1])
        yield given(f"cut/{name}-header", data[:12], REJECT)
        for number in range(8):
            turned = bytearray(data)
            for _ in range(1 + number % 3):
                # Half of them near the beginning, where most of the structure is.
                turned[chance.randrange(8, len(data) if number % 2 else min(len(data), 120))] ^= 1 << chance.randrange(
                    8
                )
            yield given(f"bits/{name}-{number}", bytes(turned))
        for number in range(3):
            lying, place = bytearray(data), chance.randrange(8, min(len(data), 160) - 4)
            lying[place : place + 4] = (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff")[number]
            yield given(f"lengths/{name}-{number}", bytes(lying))


def _small_and_long() -> Iterator[File]:
    for kind in KINDS:
        for width, height in ((1, 1), (1, 2_000), (12_000, 1), (3, 5)):
            image = Image.new("P" if kind == "GIF" else "RGB", (width, height), 90)
            if kind == "HEIF" and (width > 8_000 or 1 in (width, height)):
                continue  # its encoder does not write them
            # Libraries differ in whether they open them.
            yield File(f"size/{kind.lower()}-{width}x{height}", lambda i=image, k=kind: saved(i, k), EITHER)


def files() -> Iterator[File]:
    """All of them."""
    yield from _broken()
    yield from _small_and_long()
