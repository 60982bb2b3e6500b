"""The search of readers, by a process of its own to which web workers pass `/search` on.

A flood of searches delays no document: a worker waits for two searches at once at most, for half
a second at most, and refuses others with 503.
"""
