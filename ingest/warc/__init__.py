"""WARC files (ISO 28500): pages as they were fetched, written and read."""
