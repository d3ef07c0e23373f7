"""The gallery for programs that follow it: Atom and JSON feeds."""
