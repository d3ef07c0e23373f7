"""What editors write for everyone (`memes.writing`): drafts, publishing, every earlier version, files, channels of help."""
