"""The campaign's own pages: home and help."""
