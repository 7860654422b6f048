"""The formats of feeds and sitemaps: what `ingest/feeds.py` reads with."""
