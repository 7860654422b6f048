"""The sections [topics], [stories] and [entities] of the configuration."""

import msgspec

from stream.settings import Count, Positive


class Topics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which topics articles are tagged with."""

    file: str = ""
    """A topics file, relative to the configuration's folder; empty: topics.toml in the data folder, else the bundled one.
    With Kafka, the shared list begins with it."""


class Stories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which articles count as the same story: copies of one text, and reports on one event."""

    days: Positive = 3.0
    """How many days may lie between one article of a story and the next."""
    articles: Count = 5_000_000
    """The most articles to remember for comparison with new ones; a million take 200 MB. Beyond that, the oldest are dropped
    before their days are over."""


class Entities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people, organisations and places are found."""

    model: str = "wirewatch"
    """The recogniser for names: `wirewatch` (the shipped models, for eleven languages), `gazetteer` (lists and, in English,
    simple rules only, at a tenth of the CPU), or the name of an installed spaCy pipeline for English, such as
    `en_core_web_sm`."""
    gazetteer: str = ""
    """Your own names: a CSV file with the columns name, type, id, aliases (`a|b|c`), relative to the configuration's folder."""
    corrections: str = ""
    """What names mean or don't mean in some articles, which overrides everything else: a CSV file, relative to the
    configuration's folder; see `docs/entities.md`."""
