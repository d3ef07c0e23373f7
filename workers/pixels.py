"""From a decoder to clean pixels of the size needed: upright, in sRGB, with nothing under what is transparent.

The order saves the work: decode small, scale, and only then convert colours and turn. A sibling of `images`, by which alone
it is used, inside the cage.
"""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile

Pixels = NDArray[np.uint8]

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
# A JPEG is decoded at a half, a quarter or an eighth where that is at least this part of the size needed. Upright photos of
# 12 and 48 megapixels come to 0.94: decoding and scaling four times the pixels would gain nothing that is left after encoding
# (benchmarks/images.py: SSIM of the files within 0.002, bytes within 5 %).
NEARLY = 0.93
# Brings back the edges that enlarging softens; stronger costs bytes.
CRISP = 0.06
LOBES = 3
# Pixels; what has more than a photo of 12 megapixels is left to Pillow, which needs no second canvas.
LARGE = 13_000_000
PROFILE_SPACES = {"RGB": "RGB", "RGBA": "RGB", "L": "GRAY", "CMYK": "CMYK"}


def upright(size: tuple[int, int], turn: int) -> tuple[int, int]:
    """The size of a picture once it is turned as EXIF says."""
    return (size[1], size[0]) if turn >= 5 else size


def still(source: ImageFile.ImageFile, target: tuple[int, int], turn: int) -> Image.Image:
    """Decode one picture at about the size needed and bring it to `target` (upright), clean."""
    if source.format == "JPEG":
        width, height = upright(target, turn)
        source.draft(None, (math.ceil(width * NEARLY), math.ceil(height * NEARLY)))
    return clean(source, target, turn, source.info.get("icc_profile"))


def clean(source: Image.Image, target: tuple[int, int], turn: int, profile: bytes | None) -> Image.Image:
    """Scale first, so that colours and turning cost little; return RGB, or RGBA if something shows through."""
    image = _in_srgb(scaled(_plain(source), upright(target, turn)), profile)
    if turn in TURNS:
        image = image.transpose(TURNS[turn])
    image.info = {}  # since it was scaled, the name of the colours is all that can have come to it
    return image


def scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Make a new picture of `size` from the pixels of one in L, RGB, RGBA or CMYK, and from nothing else of it."""
    if image.mode == "RGBA":
        # So that what is transparent lends its neighbours no colour, and is black itself: editors leave the "erased" part of
        # a picture there.
        return scaled(image.convert("RGBa"), size).convert("RGBA")
    if image.width * image.height > LARGE:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return Image.frombytes(image.mode, size, _resampled(np.asarray(image), size).tobytes())


def _resampled(bands: Pixels, size: tuple[int, int]) -> Pixels:
    """Smaller: smooth away as LANCZOS does what the new size cannot hold, then sample by cubics. Larger: cubics, crisply."""
    import cv2  # as in `faces`: loaded before any picture is at hand, and here a third of the time that Pillow needs

    across, down = bands.shape[1] / size[0], bands.shape[0] / size[1]
    if across == down == 1:
        return bands
    if across >= 1 and down >= 1:
        smooth = cv2.sepFilter2D(bands, -1, _lanczos(across), _lanczos(down), borderType=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    crisp = np.array([[0, -CRISP, 0], [-CRISP, 1 + 4 * CRISP, -CRISP], [0, -CRISP, 0]], np.float32)
    return np.asarray(cv2.filter2D(cv2.resize(bands, size, interpolation=cv2.INTER_CUBIC), -1, crisp), np.uint8)


def _lanczos(times: float) -> NDArray[np.float32]:
    """The window that LANCZOS lays over each pixel when it makes a picture so many `times` smaller, at whole pixels."""
    reach = math.ceil(LOBES * times) - 1
    place = np.arange(-reach, reach + 1) / times
    weights = np.sinc(place) * np.sinc(place / LOBES)
    return np.asarray(weights / weights.sum(), np.float32)


def _plain(source: Image.Image) -> Image.Image:
    """Bring any pixel format to L, RGB, RGBA or CMYK with 8 bits."""
    gamma = source.info.get("gamma")
    if source.mode.startswith("I"):  # 16-bit grey; `convert` would clip it to white
        source = Image.fromarray((np.asarray(source).astype(np.uint32) >> 8).astype(np.uint8))
    elif source.has_transparency_data:
        source = less_alpha(source if source.mode == "RGBA" else source.convert("RGBA"))
    elif source.mode not in PROFILE_SPACES:
        source = source.convert("L" if source.mode == "1" else "RGB")
    if gamma and not source.info.get("icc_profile") and "srgb" not in source.info and abs(gamma - 0.45455) > 0.01:
        source = _encoded_like_srgb(source, gamma)
    return source


def less_alpha(image: Image.Image) -> Image.Image:
    """Drop an alpha channel through which nothing shows."""
    return image.convert("RGB") if image.getchannel("A").getextrema() == (255, 255) else image


def _encoded_like_srgb(source: Image.Image, gamma: float) -> Image.Image:
    """Undo the exponent a PNG says it was written with, as browsers do."""
    curve = [round(255 * (value / 255) ** (1 / 2.2 / min(max(gamma, 0.05), 5.0))) for value in range(256)]
    straight = list(range(256))
    bands = len(source.getbands())
    return source.point(curve * min(bands, 3) + straight * (bands - min(bands, 3)))


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert colours by the picture's own profile; a broken or foreign profile is ignored, as browsers do."""
    plain = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if own.profile.xcolor_space.strip() == PROFILE_SPACES[image.mode]:
                srgb = ImageCms.createProfile("sRGB")
                image = ImageCms.profileToProfile(image, own, srgb, outputMode=plain) or image
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return image if image.mode == plain else image.convert(plain)
