"""Reading a page: what `ingest/extract.py` is made of."""
