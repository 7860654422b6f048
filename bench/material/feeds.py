"""The 200 real feeds of ../shared/data."""

import tarfile
from collections.abc import Iterator

from bench.material.pages import ARCHIVE
from ingest.formats.feeds import ParsedFeed, parse_feed
from stream.errors import Reject

FEEDS = ARCHIVE.with_name("feeds.tar.xz")


def real_feeds() -> Iterator[ParsedFeed]:
    """Those that can be read."""
    with tarfile.open(FEEDS) as archive:
        for member in archive:
            if (file := archive.extractfile(member) if member.isfile() else None) is None:
                continue
            try:
                yield parse_feed(file.read(), "", "", "https://feed.example/")
            except Reject:
                continue
