"""What exiftool finds in files, and what of that is more than structure."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

NO_EXIFTOOL = (
    "exiftool is missing, and without it nobody can say that no metadata is left: install it with "
    "`apt-get install libimage-exiftool-perl` (Debian, Ubuntu) or `brew install exiftool` (macOS)."
)
# What a file cannot do without: its kind, size and coding. Anything else that exiftool finds is a leak.
STRUCTURE = {
    "SourceFile", "ExifTool:ExifToolVersion",
    "File:FileType", "File:FileTypeExtension", "File:MIMEType", "File:ImageWidth", "File:ImageHeight",
    "File:EncodingProcess", "File:BitsPerSample", "File:ColorComponents", "File:YCbCrSubSampling",
    "JFIF:JFIFVersion", "JFIF:ResolutionUnit", "JFIF:XResolution", "JFIF:YResolution",
    "RIFF:VP8Version", "RIFF:ImageWidth", "RIFF:ImageHeight", "RIFF:HorizontalScale", "RIFF:VerticalScale",
    "RIFF:WebP_Flags", "RIFF:AlphaPreprocessing", "RIFF:AlphaFiltering", "RIFF:AlphaCompression", "RIFF:AlphaIsUsed",
    "RIFF:BackgroundColor", "RIFF:AnimationLoopCount", "RIFF:FrameCount", "RIFF:Duration",
    "Composite:ImageSize", "Composite:Megapixels",
}  # fmt: skip


def seen(folder: Path) -> list[dict[str, object]]:
    """Every tag of every file in a folder. Called once for many: it is slow to start."""
    if not shutil.which("exiftool"):
        pytest.fail(NO_EXIFTOOL)
    command = ["exiftool", "-a", "-u", "-G1", "-s", "-json", "-charset", "filename=utf8", str(folder)]
    found: list[dict[str, object]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def leaks(files: list[dict[str, object]]) -> dict[str, dict[str, object]]:
    """Of each file that tells more than its structure, what it tells."""
    told = {
        Path(str(file["SourceFile"])).name: {
            name: value for name, value in file.items() if name not in STRUCTURE and name[:7] != "System:"
        }
        for file in files
    }
    return {name: found for name, found in told.items() if found}
