"""Class codes: the page on which a teacher asks for one, and comes back for it."""
