"""Pillow as most programs use it: all decoded, turned, converted, and each size made from the whole by LANCZOS."""

import io

import numpy as np
from PIL import Image, ImageCms, ImageOps

from benchmarks.peers.asked import serve
from workers import likeness


def work(path: str, sizes: dict[str, list[int]]) -> dict[str, bytes]:
    """Clean files by name, and a hash."""
    with Image.open(path) as check:
        check.verify()
    image = ImageOps.exif_transpose(Image.open(path))
    profile = image.info.get("icc_profile")
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if profile:
        image = ImageCms.profileToProfile(image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode=image.mode)
    made = {}
    for nominal, size in sizes.items():
        scaled = image.resize(tuple(size), Image.Resampling.LANCZOS)
        scaled.info = {}
        file = io.BytesIO()
        scaled.save(file, "WEBP", quality=80, method=4)
        made[f"{nominal}.webp"] = file.getvalue()
    small = image.convert("RGB")
    small.thumbnail((512, 512), Image.Resampling.BOX)
    luma = np.asarray(small, dtype=np.float64) @ np.array([0.299, 0.587, 0.114])
    made["hash"] = likeness.pdq(luma.astype(np.float32))[0]
    return made


if __name__ == "__main__":
    serve(work)
