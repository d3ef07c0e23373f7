"""What nobody who decodes with libjpeg and encodes with libwebp can go below: decoding at scale and encoding, nothing between.

The pictures that are encoded are ready before the clock runs; they are the product's own, and so are the encoder's settings.
"""

import io
from pathlib import Path

from PIL import Image

from benchmarks.peers.asked import serve
from workers import containers, images

ready: dict[str, dict[int, Image.Image]] = {}


def prepare(path: str, _sizes: dict[str, list[int]]) -> None:
    """Let the product make its pictures and keep them."""
    ready.clear()
    cascade = images._cascade

    def kept(base, sizes):  # type: ignore[no-untyped-def]
        ready[path] = cascade(base, sizes)
        return ready[path]

    images._cascade = kept
    images.render(Path(path).read_bytes())
    images._cascade = cascade


def work(path: str, sizes: dict[str, list[int]]) -> dict[str, bytes]:
    """Decode at about the size needed, throw that away, and encode what was ready."""
    image = Image.open(io.BytesIO(containers.unpack(Path(path).read_bytes(), 1).data))
    largest = max((tuple(size) for size in sizes.values()), key=lambda size: size[0])
    image.draft(None, largest if (image.width > image.height) == (largest[0] > largest[1]) else largest[::-1])
    image.load()
    return {f"{nominal}.webp": images._webp(nominal, picture).data for nominal, picture in ready[path].items()}


if __name__ == "__main__":
    serve(work, prepare)
