"""Work done away from the web process. Importing this package loads nothing, so that a short-lived child starts fast."""
