"""The searchable archive: one contract (store.py), one folder an implementation."""
