"""The child's side: sending, and coming back with a receipt."""
