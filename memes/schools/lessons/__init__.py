"""Lessons: a sheet per theme, paper to draw on, and what to do when a pupil tells something."""
