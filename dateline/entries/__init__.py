"""Entry files, from TOML under `entries/` to stories."""
