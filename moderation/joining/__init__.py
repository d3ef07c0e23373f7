"""From an invitation to an account."""
