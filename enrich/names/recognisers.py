"""Selects the configured recogniser."""

from enrich.names.entities import Recogniser
from stream.errors import ConfigError

SHIPPED = "wirewatch"
RULES = "gazetteer"


def recogniser(model: str) -> Recogniser:
    """The recogniser that finds names in addition to the gazetteer. Only the selected one is imported.

    Args:
        model: `wirewatch`: the shipped model; `gazetteer` or '': simple rules; else the name of an installed spaCy pipeline.

    Raises:
        ConfigError: the pipeline, or spaCy, is not installed.
    """
    if model == SHIPPED:
        from enrich.names.crf import default_tagger  # noqa: PLC0415
        from enrich.names.learned import Learned  # noqa: PLC0415

        return Learned(default_tagger())
    if model in ("", RULES):
        from enrich.names.rules import by_rules  # noqa: PLC0415

        return by_rules
    from enrich.names.spacy_model import load  # noqa: PLC0415

    try:
        return load(model)
    except (ImportError, OSError) as error:
        raise ConfigError(
            f"entities.model: {model!r}: expected {SHIPPED!r}, {RULES!r} or the name of an installed spaCy pipeline: {error}"
        ) from error
