"""Each one's own account: password, recovery codes, passkeys, sessions."""
