"""The offline pack: chosen entries with search and screen in one zip, for a school without a network (docs/packs.md)."""
