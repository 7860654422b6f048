"""Edits: when articles are read again, and what was changed in them. Pure, but for rereader.py, the stage."""
