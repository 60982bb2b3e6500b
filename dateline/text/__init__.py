"""Texts and their formats: TOML, addresses, languages, characters, dates in words."""
