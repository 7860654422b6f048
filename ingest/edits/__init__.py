"""Edits: when articles are read again, and what was changed in them. Pure, except rereader.py (the stage) and pending.py."""
