"""The watch over a running publication: conditions, incidents, notifications."""
