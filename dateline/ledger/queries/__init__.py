"""Queries on the ledger, one module for each table or report."""
