"""Digests: made, sent on demand, and sent once a day."""
