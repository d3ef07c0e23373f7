"""The door of the desk: password, second factor, session."""
