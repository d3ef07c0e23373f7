"""Everything is taken away and read byte by byte: nothing in it leads to a child."""
