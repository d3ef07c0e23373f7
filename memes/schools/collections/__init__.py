"""Collections that teachers make: their own page, and the one that everybody sees."""
