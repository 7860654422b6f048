"""The sections [topics], [stories] and [entities] of the configuration."""

import msgspec

from stream.settings import Count, Positive


class Topics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which topics articles are tagged with."""

    file: str = ""
    """A topics file, relative to the configuration's folder; '' takes topics.toml in the data folder, else the bundled one."""


class Stories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which articles are held to tell the same story (near-duplicates)."""

    days: Positive = 3.0
    """How far back a story reaches from one of its articles to the next."""
    articles: Count = 50_000
    """So many articles at most are compared with a new one."""


class Entities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people, organisations and places are found."""

    model: str = "wirewatch"
    """In English texts: `wirewatch` (the shipped model), `gazetteer` (lists and simple rules alone: a tenth of the CPU), or
    the name of a spaCy pipeline that is installed, such as `en_core_web_sm`."""
    gazetteer: str = ""
    """Your own names: a CSV file with the columns name, type, id, aliases, relative to the configuration's folder."""
