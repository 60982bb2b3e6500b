"""Monitoring of a publication: conditions, incidents, notifications."""
