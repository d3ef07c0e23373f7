"""Public reading: the gallery's pages and the pictures."""
