"""The formats of feeds and sitemaps: feeds.py, and what it reads with."""
