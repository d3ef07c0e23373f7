"""Who works at the desk, for admins."""
