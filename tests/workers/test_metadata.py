"""No stored file carries anything but its pixels: read with exiftool, and byte by byte."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.workers import exiftool, pictures
from tests.workers.pictures import CANARY, Picture
from workers.images import Rendered, render

# Foreign text and archives that ride along in comments and behind the end of files.
STOWAWAYS = (CANARY.encode(), CANARY.encode("utf-16-le"), b"Exif\0\0", b"xpacket", b"8BIM", b"ICC_PROFILE", b"PK\3\4")


@pytest.fixture(scope="module")
def rendered() -> list[tuple[Picture, Rendered]]:
    """Each picture and what became of it; made once, it is half of the time of this suite."""
    return [(picture, render(picture.data)) for picture in pictures.everything()]


def test_exiftool_sees_in_the_sent_pictures_what_a_phone_writes(tmp_path: Path) -> None:
    # So that the next test cannot pass by looking in the wrong place.
    (tmp_path / "sent.jpg").write_bytes(pictures.loaded_jpeg(pictures.photo(), icc_profile=pictures.wide_profile()))
    (sent,) = exiftool.seen(tmp_path)
    found = {name for name, value in sent.items() if CANARY in str(value)}
    assert {"ExifIFD:SerialNumber", "IFD0:Artist", "ExifIFD:OwnerName", "IPTC:By-line", "IPTC:City"} <= found
    assert {"XMP-photoshop:City", "XMP-dc:Creator", "ICC_Profile:ProfileDescription", "File:Comment"} <= found
    assert {"GPS:GPSLatitude", "IFD1:ThumbnailImage"} <= set(sent)


def test_exiftool_finds_only_structure_in_every_stored_size(
    rendered: list[tuple[Picture, Rendered]], tmp_path: Path
) -> None:
    expected = 0
    for picture, result in rendered:
        for rendition in result.renditions:
            (tmp_path / f"{picture.name}-{rendition.name}").write_bytes(rendition.data)
            expected += 1
    files = exiftool.seen(tmp_path)
    assert len(files) == expected
    assert exiftool.leaks(files) == {}


def test_no_canary_and_no_stowaway_is_in_any_byte_of_the_output(rendered: list[tuple[Picture, Rendered]]) -> None:
    for picture, result in rendered:
        for rendition in result.renditions:
            for stowaway in STOWAWAYS:
                assert stowaway not in rendition.data, f"{picture.name}, {rendition.name}: {stowaway!r}"


def test_a_stored_file_ends_where_its_picture_ends(rendered: list[tuple[Picture, Rendered]]) -> None:
    for _, result in rendered:
        for rendition in result.renditions:
            if rendition.format == "webp":
                assert int.from_bytes(rendition.data[4:8], "little") + 8 == len(rendition.data)
            else:
                assert rendition.data.endswith(b"\xff\xd9")
                assert rendition.data.count(b"\xff\xd8\xff") == 1  # no second, smaller picture inside


def test_the_child_is_told_what_the_metadata_gave_away(rendered: list[tuple[Picture, Rendered]]) -> None:
    assert {picture.name: set(result.removed) for picture, result in rendered} == {
        picture.name: set(picture.tells) for picture, _ in rendered
    }
    assert all(list(result.removed) == sorted(result.removed) for _, result in rendered)


def test_each_picture_keeps_its_size_and_gets_a_small_placeholder(rendered: list[tuple[Picture, Rendered]]) -> None:
    for picture, result in rendered:
        assert (result.width, result.height) == picture.size, picture.name
        assert 0 < len(result.placeholder) < 400
        assert result.animated == picture.name.endswith("moving")


def test_a_profile_hidden_in_a_text_is_called_a_comment_and_destroyed() -> None:
    hidden = b"Raw profile type exif\0\0" + b"x\x9c" + CANARY.encode()
    result = render(pictures.with_chunks(pictures.saved(pictures.photo(), "PNG"), [pictures.chunk(b"zTXt", hidden)]))
    assert result.removed == ("comment",)
    assert all(CANARY.encode() not in rendition.data for rendition in result.renditions)


def test_what_lies_under_full_transparency_is_erased() -> None:
    pixels = np.dstack([pictures.texture(300, 200), np.full((200, 300), 255, np.uint8)])
    pixels[50:150, 50:150, 3] = 0
    for rendition in render(pictures.saved(Image.fromarray(pixels), "PNG")).renditions:
        image = np.asarray(Image.open(io.BytesIO(rendition.data)).convert("RGBA"))
        hole = image[70:130, 70:130]
        assert np.ptp(hole.reshape(-1, 4).astype(int), axis=0).max() <= 2, "the erased part shows through"
