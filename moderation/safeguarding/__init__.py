"""What safeguarding does for a child beside deciding: words through the receipt, a list of steps, what is sealed."""
