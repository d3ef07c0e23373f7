"""Whose turn it is: claiming, skipping, leaving to others, taking back, resting; and how each one likes to work."""
