"""The inside of the cage for documents: one in on standard input, the clean one out on standard output, then the end.

As `workers._child` does it for pictures: limits before anything is loaded, the door shut before anything is read.
"""

import os
import sys

from workers._child import READY, confine, shut_in


def main() -> None:
    """Read, clean, answer; with nothing where it cannot be. Any way of dying is understood by the parent."""
    confine(int(sys.argv[1]), int(sys.argv[2]))
    from workers import containers, documents  # only now: their library must load inside the limits

    documents.prepare()
    os.write(1, READY)
    data = sys.stdin.buffer.read()
    shut_in(bytes.fromhex(sys.argv[3]))
    try:
        made = documents.clean(data)
    except (containers.UnreadableImage, MemoryError):
        made = b""
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
