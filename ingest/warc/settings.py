"""The section [warc] of the configuration."""

import msgspec

from stream.settings import Count


class Warc(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pages as they were fetched, kept in WARC files."""

    folder: str = ""
    """Where pages and their headers are written, relative to the data folder; empty: nowhere. Files are never deleted."""
    file_bytes: Count = 1_000_000_000
    """When a file has grown to this size, it is finished and another one begun."""
