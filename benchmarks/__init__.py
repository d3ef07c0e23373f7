"""How fast it is. `make bench` runs every module here and writes what was measured into docs/performance.md.

Each module has a TITLE and `measure() -> str`, which returns Markdown; a figure that is too slow is said as it is.
"""
