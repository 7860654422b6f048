"""Composition root: the only place that picks implementations and hands them their settings."""
