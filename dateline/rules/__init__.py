"""Decisions about stories, without a clock, a file or a database."""
