"""Posters: an entry on one sheet, to hang in a school."""
