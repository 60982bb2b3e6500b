"""The proof of delivery: after each run, and all the time, Dateline asks as its readers do.

`selection` has the documents that are asked for, `rounds` the requests of one round, `notes` what
the ledger remembers, `checker` the thread that does all this beside publishing.
"""
