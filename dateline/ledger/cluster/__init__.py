"""A cluster: nodes with one ledger, of which one at a time leads, and writes."""
