"""Fetching pages politely: robots.txt, one request at a time per host, news before backfill."""
