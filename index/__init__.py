"""The searchable archive: one contract (store.py), one file an implementation."""
