"""Published documents on disk: the files in `feeds/` and their manifest."""
