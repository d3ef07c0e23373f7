"""How the platform runs: what an admin may set, and what is erased soon."""
