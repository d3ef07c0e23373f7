"""Whether files are equal in what counts: dimensions, nothing of the sender's, likeness to the picture (SSIM), bytes."""

import statistics
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from workers import containers, pixels

NEAR, MORE = 0.003, 0.05  # of SSIM, and of the bytes: what still counts as equal
NOMINALS = ("1600", "800", "320")


class Judge:
    """Compares what lies in `home`/PEER/FILE/320.webp and so on with the pictures at `sent`."""

    def __init__(self, sent: list[Path], home: Path) -> None:
        self._sent, self._home = sent, home
        self._seen: dict[str, tuple[dict[str, float], int, bool]] = {}
        self._scaled: dict[tuple[Path, str], Image.Image] = {}

    def compare(self, name: str, ours: str) -> tuple[str, str, str]:
        """SSIM by size, bytes as a part of ours, and `yes` or what is not equal."""
        for one in (ours, name):
            if one not in self._seen:
                self._seen[one] = self._look(one)
        likeness, total, clean = self._seen[name]
        expected, whole, _ = self._seen[ours]
        far = max(abs(likeness[nominal] - expected[nominal]) for nominal in NOMINALS)
        wrong = [] if clean else ["dimensions or metadata"]
        wrong += [f"SSIM by {far:.4f}"] if far > NEAR else []
        wrong += ["bytes"] if abs(total / whole - 1) > MORE else []
        shown = "/".join(f"{likeness[nominal]:.4f}"[1:] for nominal in NOMINALS)
        return shown, f"{100 * (total / whole - 1):+.1f} %", f"no: {', '.join(wrong)}" if wrong else "yes"

    def _look(self, name: str) -> tuple[dict[str, float], int, bool]:
        found: dict[str, list[float]] = {nominal: [] for nominal in NOMINALS}
        total, clean = 0, True
        for path in self._sent:
            for file in sorted((self._home / name / path.name).glob("*.webp")):
                data = file.read_bytes()
                box = containers.unpack(data, 2)
                expected = Image.open(self._home / "alone" / path.name / file.name).size
                clean = clean and (box.width, box.height) == expected and not box.parts and b"ICCP" not in data[:64]
                seen = _opaque(Image.open(file))
                found[file.stem].append(ssim(self._without_loss(path, file.stem, expected), seen) if clean else 0)
                total += len(data)
        return {nominal: statistics.mean(values or [0]) for nominal, values in found.items()}, total, clean

    def _without_loss(self, path: Path, nominal: str, size: tuple[int, int]) -> Image.Image:
        if (path, nominal) not in self._scaled:
            self._scaled[path, nominal] = _whole(path).resize(size, Image.Resampling.LANCZOS)
        return self._scaled[path, nominal]


def _whole(path: Path) -> Image.Image:
    """The picture as a person sees it, nothing lost: all its pixels, upright, in sRGB."""
    image = ImageOps.exif_transpose(Image.open(path))
    profile = image.info.get("icc_profile")
    image = _opaque(image)
    return pixels._in_srgb(image, profile)


def _opaque(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Structural similarity of brightness (Wang et al., 2004: windows of 11 pixels, sigma 1.5), mean over the picture."""
    a, b = (np.asarray(image.convert("L"), np.float32) for image in (one, other))
    seen = [cv2.GaussianBlur(pixel, (11, 11), 1.5) for pixel in (a, b, a * a, b * b, a * b)]
    mean_a, mean_b = seen[0], seen[1]
    var_a, var_b, both = seen[2] - mean_a**2, seen[3] - mean_b**2, seen[4] - mean_a * mean_b
    one_, two = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top, bottom = (2 * mean_a * mean_b + one_) * (2 * both + two), (mean_a**2 + mean_b**2 + one_) * (var_a + var_b + two)
    return float((top / bottom).mean())
