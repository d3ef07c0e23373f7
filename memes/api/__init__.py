"""The public JSON API, version 1, and the document that describes it. Changes only by adding."""
