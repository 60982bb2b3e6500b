"""The relations between entries: translations, originals, neighbours."""
