"""Fetching pages politely: robots.txt, one request at a time to a host, news before backfill."""
