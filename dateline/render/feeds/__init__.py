"""Feeds as bytes: RSS, Atom and JSON Feed."""
