"""Dateline publishes an organisation's news: TOML files in, feeds and pages out."""

__version__ = "0.1.0"
