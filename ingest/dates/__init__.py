"""Parses dates and times as programs and people write them."""
