"""What children send and what everyone sees. Imports third-party packages only."""
