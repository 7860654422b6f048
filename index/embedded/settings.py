"""The section [archive] of the configuration: how long the embedded archive keeps articles."""

import msgspec

from stream.settings import NotNegative


class Archive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The embedded archive; Elasticsearch has a setting of its own."""

    keep_days: NotNegative = 0.0
    """How many days after it was first seen an article is deleted; 0: never. Articles that somebody starred, tagged, annotated
    or assigned stay."""
    keep_topics: tuple[str, ...] = ()
    """The ids of topics whose articles are never deleted."""
