"""The inside of the cage as in `workers._child`, doing only what the peers do."""

from workers import _child, images


def only_the_same_work() -> None:
    """Leave out what no peer does: files for previews and old screens, a placeholder, faces."""

    def summary(size, strips, renditions, removed, *, animated):  # type: ignore[no-untyped-def]
        opaque = images._on_white(strips[0].get(800) or strips[0][320])
        return images.Rendered(tuple(renditions), *size, animated, images._likeness(opaque)[0], "", removed)

    images._summary = summary


if __name__ == "__main__":
    only_the_same_work()
    _child.main()
