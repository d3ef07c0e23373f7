"""Everything of a large installation on this machine, real, under load, while one part after another is killed.

`make bench BENCH=machines` runs it and writes what happened into docs/performance.md.
"""
