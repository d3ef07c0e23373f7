"""What the product does: `alone` (the same work as the peers), `caged` (the same, in the cage), `whole` (all, in the cage)."""

import sys
from functools import cache
from pathlib import Path

from benchmarks.peers.asked import serve
from benchmarks.peers.caged import only_the_same_work
from workers import images, render
from workers.keeper import Keeper


def alone(path: str, _sizes: dict[str, list[int]]) -> dict[str, bytes]:
    """The function, in this process."""
    return _files(images.render(Path(path).read_bytes()))


def caged(path: str, _sizes: dict[str, list[int]]) -> dict[str, bytes]:
    """In a process of its own behind a shut door, forked as a worker has it done."""
    return _files(render._unpacked(_keeper().caged(b"\n" + Path(path).read_bytes(), 60)))


def whole(path: str, _sizes: dict[str, list[int]]) -> dict[str, bytes]:
    """The worker's own step."""
    return _files(render.render_in_child(Path(path).read_bytes()))


@cache
def _keeper() -> Keeper:
    return Keeper("benchmarks.peers.caged", render.limits())


def _files(made: images.Rendered) -> dict[str, bytes]:
    return {one.name: one.data for one in made.renditions} | {"hash": bytes.fromhex(made.likeness)}


if __name__ == "__main__":
    if sys.argv[1] == "alone":
        only_the_same_work()
        images.prepare()
    serve({"alone": alone, "caged": caged, "whole": whole}[sys.argv[1]])
