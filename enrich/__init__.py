"""Enrichment: the language, topics and entities of an article."""
