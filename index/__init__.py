"""The searchable archive: one contract (store.py), one folder per implementation."""
