"""Loaded by the cage of `cursed` before anything else: a picture that ends with a curse does what it says."""

import ctypes
import time

from workers import images

_render = images.render


def _cursed(data: bytes) -> images.Rendered:
    if data.endswith(b"curse of the segfault"):
        ctypes.string_at(0)
    if data.endswith(b"curse of the hang"):
        while True:
            time.sleep(1)
    if data.endswith(b"curse of the memory"):
        held = []
        while True:
            held.append(bytearray(50_000_000))
    return _render(data)


images.render = _cursed
