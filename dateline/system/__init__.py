"""The machine and the network: files, processes, the HTTP client, systemd."""
