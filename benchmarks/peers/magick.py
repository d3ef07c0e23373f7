"""ImageMagick's `convert`: one decode, the sizes one from the other. The hash is left out, which is in its favour."""

import os
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageCms

from benchmarks.peers.asked import serve

CONVERT = os.environ["CONVERT"]
_KEPT = tempfile.TemporaryDirectory(prefix="im-magick-")
FOLDER = Path(_KEPT.name)
PROFILE = FOLDER / "srgb.icc"
PROFILE.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def work(path: str, sizes: dict[str, list[int]]) -> dict[str, bytes]:
    """Clean files by name."""
    order = sorted(sizes, key=int, reverse=True)
    with Image.open(path) as head:  # only its header
        profiled = "icc_profile" in head.info
    words = [CONVERT, path, "-auto-orient", *(["-profile", str(PROFILE)] if profiled else []), "-strip"]
    for nominal in order:
        width, height = sizes[nominal]
        words += ["-resize", f"{width}x{height}!", "-quality", "80", "-define", "webp:method=4"]
        file = f"webp:{FOLDER}/{nominal}.webp"
        words += [file] if nominal == order[-1] else ["-write", file]
    environment = {"MAGICK_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "PATH": ""}
    subprocess.run(words, check=True, env=environment)  # noqa: S603 - a program the benchmark has found
    return {f"{nominal}.webp": (FOLDER / f"{nominal}.webp").read_bytes() for nominal in order}


if __name__ == "__main__":
    serve(work)
