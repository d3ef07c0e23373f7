"""PDQ says the same as the reference implementation, bit for bit."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.workers.pictures import texture
from workers.likeness import MIN_QUALITY, dihedral, distance, pdq

# (width, height, seed) of `texture`, the hash and the quality that Meta's own C++ code (pdqhash 0.2.8) gave for it.
REFERENCE = [
    (512, 512, 0, "46463131b1a18fce0f7cb82bdc9c40863eb3b023bc9cca0ecf7cbff933e1d404", 100),
    (512, 384, 1, "c666b139b939078699da788ce4064e2ebb2a3a3ef006cc8ccdda31913b39cf6b", 100),
    (384, 512, 2, "0f8eb9b1f8b9462ec4c7b3e08752449666b170d0a77287e64547f81ff8b986b0", 100),
    (320, 240, 3, "470eb93170314dce49da8e390c8ec556ecb9f1503c9e8eab4dca79f978359494", 100),
    (64, 64, 4, "468e11b9f03171f13cbe0e3705cb180f3bfc382d89cbc63f1ebeb1f33234c540", 100),
    (65, 63, 5, "c07170313bd80f8f741d673b5c1e8694a77272b15c16073f461bf8896bf99945", 100),
    (128, 128, 6, "460670f1b1799f0c1087681deace0e2731e6b2b3e9ccce0f868739fc3b7946a3", 100),
    (129, 127, 7, "8646e07130b11f9c3bced0254cce0f6603613377f5d6ce250fce37f036b1cc5a", 100),
    (100, 300, 8, "46c6903939b1794e06b3ce3dc754494e380a396955744e2fe6b7394f39e986d4", 100),
    (300, 100, 9, "c646f871f9b99b8fbb4a67f0cc4e8286316230a3f84447e6c346b2b1babbc80e", 100),
    (500, 31, 10, "b1eb39f1fb210f485081fc97c6a68ebc2011b8980aa8c6b6cebdb1f1baa987f4", 100),
    (31, 500, 11, "0c4e31b133b117624d4eb49edab65965ba94116192b6cc9edd4e337132b9555e", 100),
    (512, 288, 12, "46467071b1391b0c17f6e667ccdc0b0f3373382bfddcc66787e6b36038094c99", 100),
    (288, 512, 13, "87cef17178318b4e66b3e2a1cd4c8e39f881fa394948cea786b3396c70179365", 100),
    (441, 333, 14, "c7cef9f1317186a186a67959a5578e2e15947a39f4538d4882a650a17dd8d3e5", 100),
    (200, 200, 15, "c666b03139b919ce31464dc9cd4b07763fb933754949cdc943663362399956b5", 100),
    (17, 23, 16, "60f1fbf114580dce8cec53240f8b2ac7f174f2d70a871e060aa662fde0f995ea", 100),
    (5, 5, 17, "390e64d9c6f19b26c4f19e2731ccb1e03e0f64d9390e64d9c6f19b26c4f11e27", 100),
    (6, 400, 18, "fce69bb11bb1de3cfee513b147e0ad4a03e1a96a07e016b066e452b52192ec1e", 100),
    (257, 511, 19, "ce8ef071f1d19d8e0622ee3b4c8d83e4ff79f361cc990e1e8622fc1ef4108147", 100),
    (512, 5, 20, "cc1fcfc1b3e0b83eb1c0c94ec553bab1da2e47e14c1fcfc1b3e0b81e21d0494e", 100),
    (90, 90, 21, "8706b0b9393156c44eb797f107b6c7f6ec1931f013f687f446b77094723885c2", 100),
    (333, 444, 22, "c64eb93931b1796f66b286b1c487cfedb010bbf94081c6e5c6b6b96d309145d2", 100),
    (480, 360, 23, "0f0e70f171794c15e1c1f88f87158d5f7f7af95955550e0f85c07015f95c06a6", 100),
]


def luma(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    brightness = pixels[:, :, 0] * 0.299 + pixels[:, :, 1] * 0.587 + pixels[:, :, 2] * 0.114
    return brightness.astype(np.float32)


@pytest.mark.parametrize(("width", "height", "seed", "digest", "quality"), REFERENCE)
def test_a_hash_equals_that_of_the_reference_implementation(
    width: int, height: int, seed: int, digest: str, quality: int
) -> None:
    found, score = pdq(luma(texture(width, height, seed)))
    assert distance(found, bytes.fromhex(digest)) == 0
    assert score == quality


def test_the_same_picture_at_another_size_stays_close_and_another_picture_is_far() -> None:
    large, _ = pdq(luma(texture(512, 384, 3)))
    small, _ = pdq(luma(texture(256, 192, 3)))
    other, _ = pdq(luma(texture(512, 384, 4)))
    assert distance(large, small) <= 31
    assert distance(large, other) > 80


def test_the_hashes_of_flips_and_turns_are_those_of_the_flipped_and_turned_picture() -> None:
    upright = luma(texture(512, 384, 3))
    flips = (upright, upright[:, ::-1], upright[::-1], upright[::-1, ::-1])
    hashes, quality = dihedral(upright)
    assert (hashes[0], quality) == pdq(upright)
    for told, seen in zip(hashes, (side for flip in flips for side in (flip, flip.T)), strict=True):
        assert distance(told, pdq(np.ascontiguousarray(seen))[0]) <= 20  # of 31: samples lie half a pixel aside
    assert min(distance(a, b) for a in hashes for b in hashes if a is not b) > 80


def test_a_flat_picture_has_a_quality_too_low_to_be_compared() -> None:
    _, quality = pdq(np.full((200, 200), 128, np.float32))
    assert quality < MIN_QUALITY


def test_a_picture_of_a_few_pixels_has_no_hash() -> None:
    assert pdq(np.zeros((4, 300), np.float32)) == (bytes(32), 0)


def test_distance_counts_bits() -> None:
    assert distance(b"\x00\xff", b"\x01\xff") == 1
    assert distance(bytes(32), b"\xff" * 32) == 256


def test_hashes_of_different_lengths_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        distance(b"\0", b"\0\0")
