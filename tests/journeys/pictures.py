"""A photo as a phone writes it: with the place, the time, the phone and a name in it."""

import io
import random
from functools import cache

from PIL import ExifTags, Image

#: In every slot of text that the picture's metadata has.
CANARY = "Canari de Salma"


@cache
def phone_photo() -> bytes:
    """A JPEG of some 300 kB with EXIF, GPS among it."""
    noise = Image.frombytes("RGB", (160, 120), random.Random(1).randbytes(160 * 120 * 3))  # noqa: S311 - a picture
    exif = Image.Exif()
    for tag in (ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Artist, ExifTags.Base.ImageDescription):
        exif[tag] = CANARY
    exif[ExifTags.Base.DateTime] = "2026:03:08 10:11:12"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {1: "N", 2: (34.0, 1.0, 15.0), 3: "W", 4: (6.0, 50.0, 11.0)}  # a latitude and a longitude
    )
    file = io.BytesIO()
    noise.resize((960, 720), Image.Resampling.BICUBIC).save(file, "JPEG", quality=92, exif=exif)
    written = file.getvalue()
    assert CANARY.encode() in written
    assert Image.open(io.BytesIO(written)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    return written


def broken_picture() -> bytes:
    """A PNG with a sound header and nothing to be read behind it, as a bad memory card leaves it."""
    file = io.BytesIO()
    Image.effect_mandelbrot((200, 200), (-3, -2.5, 2, 2.5), 100).save(file, "PNG")
    whole = file.getvalue()
    return whole[:60] + bytes(400) + whole[460:]


def tells_nothing(picture: bytes) -> bool:
    """Whether a served size is a picture that holds nothing but pixels."""
    with Image.open(io.BytesIO(picture)) as image:
        image.load()
        kept = {name for name in image.info if name in ("exif", "xmp", "icc_profile", "comment", "photoshop")}
        return not kept and not image.getexif() and CANARY.encode() not in picture
