"""Finds articles that are copies of one text, and articles on one event: online, in one pass."""
