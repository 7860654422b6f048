"""Reads a page: extract.py, and its parts."""
