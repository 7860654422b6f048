"""Queries of other languages, translated into this one."""
