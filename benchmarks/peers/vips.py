"""libvips by pyvips, in its quickest way: one thumbnail, colours only where a profile is, the smaller sizes from the larger."""


import numpy as np
import pyvips

from benchmarks.peers.asked import serve
from workers import likeness

SRGB = "srgb"


def work(path: str, sizes: dict[str, list[int]]) -> dict[str, bytes]:
    """Clean files by name, and a hash."""
    head = pyvips.Image.new_from_file(path)
    profiled = "icc-profile-data" in head.get_fields()
    order = sorted(sizes, key=int, reverse=True)
    width, height = sizes[order[0]]
    options = {"height": height, "size": "force"} | ({"output_profile": SRGB} if profiled else {})
    image = pyvips.Image.thumbnail(path, width, **options)
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    image = image.copy_memory()
    made = {}
    for nominal in order:
        width, height = sizes[nominal]
        if (image.width, image.height) != (width, height):
            alpha = image.hasalpha()
            small = image.premultiply() if alpha else image
            small = small.resize(width / image.width, vscale=height / image.height)
            image = (small.unpremultiply().cast("uchar") if alpha else small).copy_memory()
        made[f"{nominal}.webp"] = image.webpsave_buffer(Q=80, effort=4, keep="none")
        if nominal == "800" or len(order) == 1:
            made["hash"] = _hash(image)
    return made


def _hash(image: pyvips.Image) -> bytes:
    if image.hasalpha():
        image = image.flatten(background=255)
    small = image.thumbnail_image(512, height=512, size="down")
    pixels = np.asarray(small.numpy(), dtype=np.float64)
    return likeness.pdq((pixels @ np.array([0.299, 0.587, 0.114])).astype(np.float32))[0]


if __name__ == "__main__":
    serve(work)
