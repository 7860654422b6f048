"""The HTTP client, bounded and guarded."""
